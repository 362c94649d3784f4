// @vitest-environment jsdom
import { beforeEach, expect, test } from "vitest";
import { Platform } from "../platform";
import { open, painted, press } from "./opened";
import { brokenRow, row } from "./traits";

let platform: Platform;

beforeEach(() => {
  platform = new Platform();
  platform.install();
  document.body.replaceChildren();
});

async function opened(...traits: Parameters<typeof open>) {
  const parts = open(...traits);
  await painted(platform);
  return parts;
}

test("the grid tells how many rows and columns there are in all, and which these are", async () => {
  const { el, part, cell } = await opened();
  const grid = part("grid");
  expect(grid.getAttribute("role")).toBe("grid");
  expect(grid.getAttribute("aria-rowcount")).toBe("12");
  expect(grid.getAttribute("aria-colcount")).toBe("4");
  expect(part("row", 0).getAttribute("aria-rowindex")).toBe("5");
  expect([...grid.children].map((line) => line.getAttribute("role"))).toEqual(Array(4).fill("row"));
  expect([0, 1, 2, 3].map((column) => cell(0, column).getAttribute("role"))).toEqual([
    "rowheader",
    "gridcell",
    "gridcell",
    "gridcell",
  ]);
  expect(el.querySelectorAll("[role=columnheader]")).toHaveLength(4);
});

test("Tab reaches one cell, from which the arrows lead to the others", async () => {
  const { part, cell } = await opened();
  expect(part("grid").querySelectorAll("[tabindex='0']")).toHaveLength(1);
  cell(0, 0).focus();
  press("ArrowRight");
  press("ArrowDown");
  expect(document.activeElement).toBe(cell(1, 1));
  expect(part("grid").querySelectorAll("[tabindex='0']")).toHaveLength(1);
  press("End");
  expect(document.activeElement).toBe(cell(1, 3));
  press("Home", true);
  expect(document.activeElement).toBe(cell(0, 0));
});

test("Enter and Space choose the picture of the row, and the row says that it is chosen", async () => {
  const { model, part, cell } = await opened();
  cell(1, 2).focus();
  press("Enter");
  await painted(platform);
  expect(part("row", 1).getAttribute("aria-selected")).toBe("true");
  press("ArrowDown");
  press(" ");
  await painted(platform);
  expect(model.saved).toEqual([{ selected: 4 }, { selected: 5 }]);
  expect(part("row", 1).getAttribute("aria-selected")).toBe("false");
  expect(part("row", 2).getAttribute("aria-selected")).toBe("true");
});

test("a click chooses the row, and a second one tells nothing new", async () => {
  const { model, tile, cell } = await opened();
  tile(2, 1).click();
  tile(2, 1).click();
  expect(model.saved).toEqual([{ selected: 5 }]);
  expect(document.activeElement).toBe(cell(2, 3));
});

test("a row that failed can be chosen, one that is not there yet cannot", async () => {
  const { model, cell } = await opened({ _row_0: brokenRow(3, "cut off"), _row_1: null });
  cell(0, 1).click();
  cell(1, 1).click();
  expect(model.saved).toEqual([{ selected: 3 }]);
});

test("among layers and classes the row itself is chosen", async () => {
  const { model, cell } = await opened({ rows: "classes", _row_1: row(3, { title: "tabby" }) });
  cell(1, 1).click();
  expect(model.saved).toEqual([{ selected: 1 }]);
});

test("a row that Python has chosen is marked", async () => {
  const { model, part } = await opened();
  model.receive({ selected: 5 });
  await painted(platform);
  expect(part("row", 2).getAttribute("aria-selected")).toBe("true");
});

test("PageDown and PageUp turn the page, not beyond the last and the first", async () => {
  const { model, cell } = await opened();
  cell(2, 0).focus();
  press("PageDown");
  press("PageDown");
  press("PageDown");
  press("PageUp");
  expect(model.saved).toEqual([{ page: 2 }, { page: 3 }, { page: 2 }]);
});

test("the focus stays in its place over a turn of the page, as far as there are rows", async () => {
  const { model, cell } = await opened();
  cell(2, 3).focus();
  model.receive({
    _page: { generation: 8, rows: 2, page: 3, pages: 4, matches: 11, total: 20 },
    _row_1: brokenRow(10, "cut off"),
  });
  await painted(platform);
  expect(document.activeElement).toBe(cell(1, 3));
  model.receive({ _row_1: { ...brokenRow(10, "cut off"), generation: 8 } });
  await painted(platform);
  expect(document.activeElement).toBe(cell(1, 1));
});

test("rows that come do not take the focus from where it is", async () => {
  const { model, part } = await opened();
  part("opacity").focus();
  model.receive({ _row_0: brokenRow(3, "cut off"), methods: ["grad_cam"] });
  await painted(platform);
  expect(document.activeElement).toBe(part("opacity"));
});

test("a key that the grid uses goes no further, any other one does", async () => {
  const { el, cell } = await opened();
  const heard: string[] = [];
  el.addEventListener("keydown", ({ key }) => heard.push(key));
  cell(0, 0).focus();
  press("ArrowDown");
  press("x");
  expect(heard).toEqual(["x"]);
});
