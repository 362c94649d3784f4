import { element, setText } from "../controls/element";
import { messages } from "../controls/messages";
import { follow } from "../controls/model";
import { segments } from "../controls/segments";
import { pictureStrip } from "../explainer/picture_strip";
import { attempts } from "./attempts";
import { challengeGroup } from "./challenge";
import { classGroup } from "./classes";
import { brushGroup, heatmapGroup } from "./panels";
import { stage } from "./stage";
import { still } from "./still";
import { type Model, type Tool, wish } from "./traits";

/** The whole widget: the picture to paint on at the left, what the network says and what can be set at the right. */
export function brushView(model: Model, why: string, signal: AbortSignal): HTMLElement {
  const parts = why ? standingParts(model, why, signal) : liveParts(model, signal);
  return element(
    "div",
    { class: "xcnn xcnn-brush" },
    element("div", { class: "xcnn-layout" }, ...parts),
  );
}

function liveParts(model: Model, signal: AbortSignal): HTMLElement[] {
  return [
    pictureStrip(model, signal),
    element(
      "div",
      { class: "xcnn-seen" },
      tools(model, signal),
      stage(model, signal),
      actions(model, signal),
      messages(model, signal),
    ),
    element(
      "div",
      { class: "xcnn-panel" },
      classGroup(model, true, signal),
      challengeGroup(model, signal),
      attempts(model, signal),
      brushGroup(model, signal),
      heatmapGroup(model, signal),
    ),
  ];
}

/** What was seen last, and why there is no more; nothing that can be set. */
function standingParts(model: Model, why: string, signal: AbortSignal): HTMLElement[] {
  const status = element("p", { class: "xcnn-status" });
  const told = element("p", { class: "xcnn-note" });
  follow(
    model,
    ["status", "challenge"],
    () => {
      setText(status, model.get("status"));
      setText(told, model.get("challenge")?.verdict ?? "");
    },
    signal,
  );
  return [
    element(
      "div",
      { class: "xcnn-seen" },
      element("div", { class: "xcnn-brush-frame" }, ...still(model, signal)),
      element(
        "div",
        { class: "xcnn-messages" },
        element("p", { class: "xcnn-standing", role: "note" }, why),
        status,
        told,
      ),
    ),
    element("div", { class: "xcnn-panel" }, classGroup(model, false, signal)),
  ];
}

function tools(model: Model, signal: AbortSignal): HTMLElement {
  const names: readonly Tool[] = ["brush", "eraser", "rectangle", "ellipse"];
  const control = segments({
    label: "Tool",
    hook: "tool",
    choices: names.map((value) => ({
      value,
      label: value.charAt(0).toUpperCase() + value.slice(1),
    })),
    choose: (tool) => {
      model.set("tool", tool as Tool);
      model.save_changes();
    },
    signal,
  });
  follow(model, ["tool"], () => control.show(model.get("tool")), signal);
  return control.element;
}

const steps = [
  ["undo", "Undo", "Take back the last step (Ctrl+Z on the picture)"],
  ["redo", "Redo", "Do it again (Ctrl+Y on the picture)"],
  ["clear", "Clear", "Hide nothing"],
  ["invert", "Invert", "Hide what is shown and show what is hidden"],
] as const;

function actions(model: Model, signal: AbortSignal): HTMLElement {
  const button = (name: string, text: string, title: string, act: () => void) => {
    const made = element("button", { type: "button", title, "data-xcnn": name }, text);
    made.addEventListener("click", act, { signal });
    return made;
  };
  const [undo, redo, ...others] = steps.map(([name, text, title]) =>
    button(name, text, title, () => wish(model, name)),
  ) as [HTMLButtonElement, HTMLButtonElement, ...HTMLButtonElement[]];
  const play = button(
    "challenge",
    "Challenge",
    "Bring the class below a goal, hiding as little as you can",
    () => {
      if (model.get("goal") === null) return wish(model, "begin_challenge");
      model.set("goal", null);
      model.save_changes();
    },
  );
  follow(
    model,
    ["_steps", "goal", "_reading"],
    () => {
      const [canUndo, canRedo] = model.get("_steps");
      undo.disabled = !canUndo;
      redo.disabled = !canRedo;
      play.setAttribute("aria-pressed", String(model.get("goal") !== null));
      play.hidden = model.get("_reading").activation === "none";
    },
    signal,
  );
  return element("div", { class: "xcnn-actions" }, undo, redo, ...others, play);
}
