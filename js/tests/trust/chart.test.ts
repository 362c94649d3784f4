// @vitest-environment jsdom
import { expect, test } from "vitest";
import { chart } from "../../src/trust/chart";

test("a dot stands at the step, and the pointer reads values out", () => {
  const drawn = chart("curve", new AbortController().signal);
  const said = (step: number) => `step ${step}`;
  const lines = [
    { name: "this map", values: [1, 0.5, 0] },
    { name: "edges", values: [1, 1, 1] },
  ];
  const shared = { title: "A curve", ends: [0, 1] as const, endTexts: ["0", "1"] as const, said };
  drawn.show({ ...shared, lines, step: 2 });
  const svg = drawn.element.querySelector(".xcnn-chart-room svg") as SVGElement;
  expect(svg.getAttribute("aria-label")).toBe("A curve. step 2");
  const dots = [...svg.querySelectorAll("circle")].map((dot) => Number(dot.getAttribute("cy")));
  expect(dots[0]).toBeGreaterThan(dots[1] as number);
  svg.getBoundingClientRect = () => ({ left: 0, width: 320 }) as DOMRect;
  svg.dispatchEvent(new MouseEvent("pointermove", { clientX: 160 }));
  expect(drawn.element.textContent).toContain("step 1");
  svg.dispatchEvent(new MouseEvent("pointerleave"));
  expect(drawn.element.textContent).toContain("step 2");
  expect(drawn.element.querySelectorAll("li")).toHaveLength(2);
  drawn.show({ ...shared, lines: lines.slice(0, 1), step: 0 });
  expect((drawn.element.querySelector("ul") as HTMLElement).hidden).toBe(true);
});
