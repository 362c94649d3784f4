import { expect, test } from "vitest";
import { type Row, rowsOf, type Traits } from "../../../src/gallery/traits";
import { answering } from "../../../src/page/gallery/answer";
import { opening, type SavedState } from "../../../src/page/gallery/opening";
import { stateFrom } from "../../../src/page/state";
import { FakeModel } from "../../fake_model";
import golden from "../../golden/gallery.json";

/** Every step that a kernel was asked for, in one go: what is shown depends on what was shown. */
test("choices lead to the rows that a kernel shows", async () => {
  const { traits, saved } = opening(stateFrom(JSON.stringify(golden.state)) as SavedState);
  const model = new FakeModel<Traits>(traits);
  const answer = answering(saved, (changes) => model.receive(changes));
  const now = () =>
    Object.fromEntries(
      Object.keys(traits).map((name) => [name, model.get(name as "rows")]),
    ) as unknown as Traits;
  model.receive((await answer(now())) ?? {});
  for (const { step, choices, page, error, status, rows, distributions } of golden.steps) {
    model.receive(step as Partial<Traits>);
    model.receive((await answer(now())) ?? {});
    const what = JSON.stringify(step);
    const chosen = Object.fromEntries(
      Object.keys(choices).map((name) => [name, model.get(name as "rows")]),
    );
    expect(chosen, what).toEqual(choices);
    expect(model.get("error"), what).toBe(error);
    expect(model.get("_page"), what).toMatchObject(page);
    expect(model.get("status"), what).toBe(status);
    const spread = model.get("_summary")?.distributions;
    for (const [name, told] of Object.entries(distributions ?? {})) {
      // A kernel does not know how far methods disagree before it has explained all pictures.
      if (told) expect(spread?.[name as "value"], what).toEqual(told);
    }
    const shown = rowsOf(model).map((row) => told(row as Row));
    expect(shown, what).toEqual(rows.map(nearly));
  }
});

/** A row as the golden file tells it. */
function told(row: Row) {
  const { index, name, title, label, right, error, size, prediction, disagreement, maps } = row;
  return {
    index,
    name,
    title,
    label,
    right,
    error,
    size,
    prediction: prediction?.name ?? null,
    disagreement,
    maps: Object.fromEntries(
      Object.entries(maps ?? {}).map(([method, { layer, target, shape }]) => [
        method,
        [layer, target.name, shape],
      ]),
    ),
  };
}

/** The same; a kernel does not always know how far two methods disagree. */
function nearly<T extends { disagreement: number | null }>(row: T) {
  const number = row.disagreement;
  return {
    ...row,
    disagreement:
      number === null ? expect.toBeOneOf([null, expect.any(Number)]) : expect.closeTo(number, 2),
  };
}
