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
};

/** Their names; a choice that is added to the gallery has to be added here. */
export const requested = Object.keys(named) as readonly (keyof Request)[];

/** The choices of a moment. */
export function requestOf(traits: Request): Request {
  return Object.fromEntries(requested.map((name) => [name, traits[name]])) as unknown as Request;
}

/** What the other choices have to be, for those that changed, as the kernel settles it. */
export function settle(
  before: Request,
  now: Request & Pick<Choices, "selected">,
  methods: readonly Method[],
): Partial<Choices> {
  const settled: Partial<Choices> = {};
  if (now.order === "disagreement" && now.methods.length < 2) settled.order = "given";
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
    ];
    const reordered =
      !same(selection(before), selection(now)) ||
      (now.order === "disagreement" && !same(pairOf(before, methods), pairOf(now, methods)));
    // another order begins with its first page; another page size keeps the first row in sight
    const first = reordered ? 0 : before.page * before.page_size;
    settled.page = Math.floor(first / now.page_size);
  }
  return settled;
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
