import { matchedClass } from "../../atlas/matching";
import { metricNames } from "../../gallery/measures";
import { namesIn } from "../../gallery/read_model";
import type { Choices, Method } from "../../gallery/traits";

/** The choices that decide which rows are shown. */
export type Request = Omit<Choices, "selected" | "activation" | "_cancel">;

const named: Record<keyof Request, true> = {
  rows: true,
  image_index: true,
  layer: true,
  target: true,
  methods: true,
  page: true,
  page_size: true,
  metrics: true,
  order: true,
  show: true,
  show_class: true,
  show_label: true,
  show_text: true,
  show_value: true,
  show_disagreement: true,
  show_group: true,
  model: true,
};

/** Their names; a choice that is added to the gallery has to be added here. */
export const requested = Object.keys(named) as readonly (keyof Request)[];

/** The choices of a moment. */
export function requestOf(traits: Request): Request {
  return Object.fromEntries(requested.map((name) => [name, traits[name]])) as unknown as Request;
}

type Now = Request & Pick<Choices, "selected"> & Parameters<typeof namesIn>[0];

/** What the other choices have to be, for those that changed, as the kernel settles it. */
export function settle(before: Request, now: Now, methods: readonly Method[]): Partial<Choices> {
  const settled: Partial<Choices> = classesOfModel(before, now);
  if (now.methods.length < 2) {
    if (now.order === "disagreement") settled.order = "given";
    if (now.show_disagreement) settled.show_disagreement = null;
  }
  if (before.rows !== now.rows) {
    // what is selected is another thing now; the picture that was looked at is the one to compare
    const looked = before.rows === "pictures" ? now.selected : null;
    if (looked !== null && before.image_index === now.image_index) settled.image_index = looked;
    settled.selected = null;
  }
  if (before.page === now.page) {
    const selection = (of: Request) => [
      of.order,
      of.show,
      of.show_class,
      of.show_label,
      of.show_text,
      of.show_value,
      of.show_disagreement,
      of.show_group,
      goesByModel(of) ? of.model : null,
    ];
    const reordered =
      !same(selection(before), selection(now)) ||
      (goesByDisagreement(now) && !same(pairOf(before, methods), pairOf(now, methods)));
    // another order begins with its first page; another page size keeps the first row in sight
    const first = reordered ? 0 : before.page * before.page_size;
    settled.page = Math.floor(first / now.page_size);
  }
  return settled;
}

/** Another model has other indices for the classes that are filtered by. */
function classesOfModel(before: Request, now: Now): Partial<Choices> {
  const models = [before.model ?? "", now.model ?? ""] as const;
  if (models[0] === models[1]) return {};
  const [here, there] = models.map((name) => namesIn(now, name)) as [string[], string[]];
  const settled: Partial<Choices> = {};
  for (const name of ["show_class", "show_label"] as const) {
    const index = now[name] ?? null;
    if (index === null || index !== before[name]) continue;
    settled[name] = matchedClass(index, here, there);
  }
  return settled;
}

const byModel: readonly string[] = ["confidence", "least_confident", "wrong", ...metricNames];

/** Whether filters or order go by what one model says: a filter leaves out what it has not seen. */
function goesByModel(request: Request): boolean {
  const { order, show, show_class, show_label, show_value, show_disagreement, show_group } =
    request;
  const filters = [show_class, show_label, show_value, show_disagreement, show_group];
  const filtered = show !== "all" || filters.some((filter) => (filter ?? null) !== null);
  return filtered || byModel.includes(order);
}

function goesByDisagreement({ order, show_disagreement }: Request): boolean {
  return order === "disagreement" || (show_disagreement ?? null) !== null;
}

/** What a disagreement depends on. */
function pairOf(request: Request, methods: readonly Method[]): unknown {
  const two = request.methods.slice(0, 2);
  if (two.length < 2) return null;
  const layered = methods.some(({ name, uses_layer }) => uses_layer && two.includes(name));
  return [[...two].sort(), layered ? request.layer : null, request.target];
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
