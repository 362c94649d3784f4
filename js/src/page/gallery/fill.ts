import { notSaved } from "../../atlas/words";
import type { Layer } from "../../controls/layer_choice";
import type { Distributions } from "../../gallery/ranges";
import { type Metric, mostRows, type Numbers, type Page, type RowMap } from "../../gallery/traits";
import { type BareRow, type Catalogue, numbersOf, type SavedPicture, type View } from "./catalogue";
import { distributionsOf } from "./distributions";
import { chosen } from "./order";
import type { Request } from "./settle";
import { toldBy } from "./told";

/** A page with its rows, as a kernel would send them. */
export interface Filled {
  readonly page: Omit<Page, "generation">;
  readonly rows: readonly BareRow[];
  readonly status: string;
  /** What metrics say of each picture. */
  readonly numbers?: Readonly<Record<string, Numbers>>;
  /** How what each model says of the pictures of the page is spread, the first one's first. */
  readonly distributions?: readonly Distributions[];
}

/** A page before its maps are unpacked; a row without a view could not be explained, or is not saved. */
interface Planned extends Filled {
  readonly views: readonly (View | null)[];
  /** Whether nothing of it is saved that would be shown. */
  readonly missing: boolean;
}

/** What a choice leads to; the reason, where there is no page to show for it. */
export async function fill(
  saved: Catalogue,
  request: Request,
  layers: readonly Layer[],
  others: readonly string[],
  evenIfMissing: boolean,
): Promise<Filled | string> {
  const planned =
    request.rows === "pictures"
      ? pictures(saved, request, others)
      : comparison(saved, request, layers, others);
  if (typeof planned === "string") return planned;
  if (planned.missing && !evenIfMissing) return notSaved;
  const { page, status, rows, views, distributions = [] } = planned;
  const filled = rows.map(async (row, place): Promise<BareRow> => {
    const view = views[place];
    const maps = view && saved.mapsOf(view);
    if (!view || !maps) return row;
    const unpacked = await Promise.all(maps.map(saved.rowMap));
    const named: [string, RowMap][] = unpacked.map((map, i) => [maps[i]?.method ?? "", map]);
    return {
      ...row,
      maps: Object.fromEntries(named),
      disagreement: saved.disagreement(view),
      ...(others.length > 0 ? { map_change: saved.change(view).map } : {}),
    };
  });
  const numbers = Object.fromEntries(
    rows.map((row, place) => [
      row.index,
      numbersOf((views[place] && saved.mapsOf(views[place])) || []),
    ]),
  );
  return { page, status, numbers, distributions, rows: await Promise.all(filled) };
}

function pictures(saved: Catalogue, request: Request, others: readonly string[]): Planned {
  const read = others.includes(request.model ?? "") ? (request.model ?? "") : "";
  const told = saved.pictures.map((picture) => toldBy(picture, read));
  const viewOf = (place: number): View | null => {
    const target = classOf(saved.pictures[place], request);
    const { methods, layer } = request;
    return target === null ? null : { image: place, methods, layer, target, others, read };
  };
  const ask = (number: (view: View) => number | null) => (place: number) => {
    const view = viewOf(place);
    return view && number(view);
  };
  const disagreement = ask(saved.disagreement);
  const apart = saved.pictures.map((_, place) => disagreement(place));
  const unknown = Boolean(request.show_disagreement) && apart.every((number) => number === null);
  const metric = (name: Metric) => ask((view) => saved.number(view, name));
  const matches = chosen(told, request, {
    disagreement,
    value_change: ask((view) => saved.change(view).value),
    map_change: ask((view) => saved.change(view).map),
    deletion: metric("deletion"),
    insertion: metric("insertion"),
    road: metric("road"),
    randomisation: metric("randomisation"),
  });
  const pages = Math.max(1, Math.ceil(matches.length / request.page_size));
  const page = Math.min(request.page, pages - 1);
  const shown = matches.slice(page * request.page_size, (page + 1) * request.page_size);
  const views = shown.map(viewOf);
  const rows = shown.map((place, i): BareRow => {
    const picture = saved.pictures[place] as SavedPicture;
    const view = views[i];
    if (picture.row.error !== "") return picture.row;
    if (!view) return failed(picture.row, picture.label_failure || notSaved);
    return saved.mapsOf(view) ? picture.row : failed(picture.row, notSaved);
  });
  const { bad, missing } = failures(rows, "could not be read or explained");
  const total = saved.pictures.length;
  const of = matches.length === 1 ? "1 picture" : `${matches.length} pictures`;
  return {
    page: { rows: rows.length, page, pages, matches: matches.length, total },
    rows,
    views,
    missing: missing || unknown,
    status: `${rows.length} of ${of} shown${bad}`,
    distributions: ["", ...others].map((name) =>
      distributionsOf(
        saved.pictures.map((picture) => toldBy(picture, name)),
        apart,
        (place) => viewOf(place) !== null,
      ),
    ),
  };
}

function comparison(
  saved: Catalogue,
  request: Request,
  layers: readonly Layer[],
  others: readonly string[],
): Planned | string {
  const picture = saved.pictures[request.image_index];
  if (!picture) return notSaved;
  const byLayer = request.rows === "layers";
  const one = byLayer ? "layer" : "class";
  if (byLayer && request.target === "label" && picture.label_class === null) {
    return picture.label_failure || notSaved;
  }
  if (picture.row.error !== "") return picture.row.error;
  const target = classOf(picture, request);
  const wanted = byLayer
    ? layers.map(({ name, shape }) => ({
        title: picture.layer_titles[name] ?? `${name} (${shape.join(" x ")})`,
        layer: name,
        target: target as number,
      }))
    : picture.predictions.map(({ title, index }) => ({
        title,
        layer: request.layer,
        target: index,
      }));
  const most = wanted.slice(0, mostRows);
  const views = most.map(
    (row): View => ({
      image: request.image_index,
      methods: request.methods,
      layer: row.layer,
      target: row.target,
      others,
      read: "",
    }),
  );
  const rows = most.map(({ title }, i): BareRow => {
    const row = { ...picture.row, title, right: null };
    return saved.mapsOf(views[i] as View) ? row : failed(row, notSaved);
  });
  const { bad, missing } = failures(rows, "could not be explained");
  const of = most.length === wanted.length ? "" : ` of ${wanted.length}`;
  const [page, pages, total] = [0, 1, saved.pictures.length];
  return {
    page: { rows: rows.length, page, pages, matches: rows.length, total },
    rows,
    views,
    missing,
    status: `${rows.length}${of} ${wanted.length === 1 ? one : request.rows} of ${picture.row.name} shown${bad}`,
  };
}

/** The class to explain on a picture; `null` where its label is none, or nothing is known of it. */
function classOf(picture: SavedPicture | undefined, { target }: Request): number | null {
  if (typeof target === "number") return picture?.row.prediction ? target : null;
  if (target === "label") return picture?.label_class ?? null;
  return picture?.row.prediction?.index ?? null;
}

function failures(rows: readonly BareRow[], otherwise: string) {
  const missing = rows.filter(({ error }) => error === notSaved).length;
  const failed = rows.filter(({ error }) => error !== "").length - missing;
  const parts = [
    failed > 0 ? `; ${failed} ${otherwise}` : "",
    missing > 0 ? `; ${missing} not saved on this page` : "",
  ];
  return { bad: parts.join(""), missing: missing > 0 && rows.every(({ error }) => error !== "") };
}

/** The row of what is not there: its name, and why. */
function failed({ index, name, title }: BareRow, error: string): BareRow {
  return {
    index,
    name,
    title,
    error,
    picture: null,
    size: [1, 1],
    label: null,
    right: null,
    prediction: null,
    disagreement: null,
    maps: {},
  };
}
