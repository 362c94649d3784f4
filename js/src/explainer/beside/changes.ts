import { element, setText } from "../../controls/element";
import { valueText } from "../../controls/number_text";
import {
  type Prediction,
  type Said,
  saidNumber,
  saidText,
  shares,
} from "../../controls/prediction";
import { follow, type Model } from "../traits";
import type { Beside, Change } from "./traits";

/** What the two models say, and of which classes they say the most different things. */
export function changesTable(model: Model, signal: AbortSignal): HTMLElement {
  const verdict = element("p", { class: "xcnn-verdict", "data-xcnn": "verdict" });
  const [here, there] = [element("th", { scope: "col" }), element("th", { scope: "col" })];
  const head = element(
    "tr",
    {},
    element("th", { scope: "col" }, "Class"),
    here,
    there,
    element("th", { scope: "col" }, "Change"),
  );
  const body = element("tbody");
  const table = element(
    "table",
    { class: "xcnn-two-said", "data-xcnn": "changes" },
    element("caption", { class: "xcnn-unseen" }, "What both models say, the largest change first"),
    element("thead", {}, head),
    body,
  );
  const whole = element("div", { class: "xcnn-two-minds" }, verdict, table);
  follow(
    model,
    ["_beside", "model"],
    () => {
      const beside = model.get("_beside");
      whole.hidden = !beside;
      if (!beside) return;
      const names = [model.get("model") ?? "", beside.model] as const;
      setText(here, names[0]);
      setText(there, names[1]);
      setText(verdict, verdictOf(beside, names));
      verdict.classList.toggle("xcnn-changed", beside.changed_mind);
      const said = beside.changes.flatMap((change) => [change.here ?? {}, change.there ?? {}]);
      const filled = shares(said);
      body.replaceChildren(
        ...beside.changes.map((change, i) =>
          rowOf(change, filled[2 * i] ?? 0, filled[2 * i + 1] ?? 0),
        ),
      );
    },
    signal,
  );
  return whole;
}

function verdictOf({ top, changed_mind }: Beside, [one, other]: readonly [string, string]): string {
  const says = (name: string, said: Prediction | null) =>
    said ? `${name} says ${said.name} (${saidText(said)})` : `${name} finds nothing`;
  if (changed_mind) return `They differ: ${says(one, top[0])}, ${says(other, top[1])}.`;
  if (!top[0] || !top[1]) return "Neither finds anything.";
  return `Both say ${top[0].name}: ${one} ${saidText(top[0])}, ${other} ${saidText(top[1])}.`;
}

function rowOf({ name, here, there }: Change, first: number, second: number): HTMLElement {
  const cell = (said: Said | null, share: number) => {
    const bar = element("span", { class: "xcnn-bar", "aria-hidden": "true" });
    bar.style.setProperty("--share", String(share));
    return element("td", {}, bar, element("span", {}, said ? saidText(said) : "–"));
  };
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, name),
    cell(here, first),
    cell(there, second),
    element("td", {}, changeText(here, there)),
  );
}

/** `+12.3 points` of a probability, `+0.31` of another value. */
function changeText(here: Said | null, there: Said | null): string {
  if (!here || !there) return "";
  const change = saidNumber(there) - saidNumber(here);
  const sign = change > 0 ? "+" : change < 0 ? "−" : "";
  const size = Math.abs(change);
  const isProbability =
    typeof here.probability === "number" && typeof there.probability === "number";
  return `${sign}${isProbability ? `${(100 * size).toFixed(1)} points` : valueText(size)}`;
}
