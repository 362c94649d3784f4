import { element, setText } from "../controls/element";
import { group } from "../controls/group";
import { lookSlider } from "../controls/look_slider";
import { choose, follow } from "../controls/model";
import type { Model } from "./traits";

const rivals = ["you", "Grad-CAM", "chance"];

/** How the challenge stands: the goal, and three who hid as much of the picture. */
export function challengeGroup(model: Model, signal: AbortSignal): HTMLElement {
  const verdict = element("p", { role: "status", "aria-live": "polite", class: "xcnn-verdict" });
  const goal = lookSlider({
    label: "Below",
    hook: "goal",
    change: (value) => choose(model, { goal: value }),
    signal,
  });
  const caption = element("caption", { class: "xcnn-hint" });
  const rows = rivals.map((name) => {
    const bar = element("span", { class: "xcnn-bar" });
    const line = element("span", { class: "xcnn-goal" });
    const share = element("td", { class: "xcnn-percent" });
    const bars = element("td", { class: "xcnn-bars", "aria-hidden": "true" }, bar, line);
    const head = element("th", { scope: "row" }, name);
    return { element: element("tr", {}, head, bars, share), bar, line, share };
  });
  const body = element("tbody", {}, ...rows.map((row) => row.element));
  const table = element("table", { class: "xcnn-rivals" }, caption, body);
  const best = element("p", { class: "xcnn-note xcnn-best" });
  const all = group("Challenge", verdict, goal.element, table, best);
  all.classList.add("xcnn-challenge");
  follow(
    model,
    ["challenge", "goal"],
    () => {
      const [challenge, value] = [model.get("challenge"), model.get("goal")];
      all.hidden = value === null;
      if (value === null) return;
      const start = challenge?.start ?? 1;
      goal.show({ value, disabled: false, ...range(value, start) });
      setText(verdict, challenge?.verdict ?? "");
      const hidden = challenge?.hidden ?? null;
      setText(
        caption,
        hidden === null
          ? "You, Grad-CAM and chance hide as much"
          : `As much of the picture, ${hidden}, hidden by`,
      );
      for (const [i, row] of rows.entries()) {
        const rival = hidden === null ? undefined : challenge?.rivals[i];
        row.bar.style.setProperty("--share", String(rival?.after ?? 0));
        row.line.style.left = `${100 * value}%`;
        setText(row.share, rival?.text ?? "–");
      }
      setText(best, challenge?.best ?? "");
    },
    signal,
  );
  return all;
}

/** Goals below where the class starts; and the one that code has set. */
function range(goal: number, start: number): { min: number; max: number; step: number } {
  const step = start > 0.1 ? 0.01 : 0.001;
  const below = step * Math.max(1, Math.ceil(start / step) - 1);
  return { step, min: Math.min(step, goal), max: Math.max(below, goal) };
}
