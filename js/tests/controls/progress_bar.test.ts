// @vitest-environment jsdom
import { expect, test } from "vitest";
import { progressBar } from "../../src/controls/progress_bar";

test("work that does not tell how far it is has a bar without a value", () => {
  const bar = progressBar(() => {}, new AbortController().signal);
  bar.show({ progress: 0 });
  const progress = bar.element.querySelector("progress");
  expect(bar.element.hidden).toBe(false);
  expect(progress?.hasAttribute("value")).toBe(false);
  expect(bar.element.querySelector(".xcnn-percent")?.textContent).toBe("");
  bar.show({ progress: 0.25 });
  expect(progress?.value).toBe(0.25);
  expect(bar.element.querySelector(".xcnn-percent")?.textContent).toBe("25%");
  bar.show({ progress: null });
  expect(bar.element.hidden).toBe(true);
});

test("work that shows an estimate is stopped, not cancelled", () => {
  let pressed = 0;
  const bar = progressBar(() => {
    pressed += 1;
  }, new AbortController().signal);
  bar.show({ progress: 0.5, keeps: true });
  const button = bar.element.querySelector("button");
  expect(button?.textContent).toBe("Stop");
  button?.click();
  expect(pressed).toBe(1);
  bar.show({ progress: 0.5 });
  expect(button?.textContent).toBe("Cancel");
});
