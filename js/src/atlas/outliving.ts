import type { Model, Traits } from "../explainer/traits";
import { answering } from "./answer";
import type { Atlas } from "./atlas";
import { shownView, withShown } from "./opening";

/** The model as ipywidgets hands it to listeners; the one that anywidget hands to views does not tell. */
interface Host {
  readonly comm_live?: boolean;
}

const choices = ["image_index", "method", "layer", "target", "patch", "stride"] as const;

/**
 * A model whose choices are answered also when its kernel is gone, as in a notebook that is opened
 * again: from what is saved in its state. With a kernel it is the model given, no more.
 */
export function outliving(model: Model, signal: AbortSignal): Model {
  let live = true;
  let shown = traitsOf(model);
  let answer: ReturnType<typeof answering> | null = null;
  const notice = (host?: Host) => {
    live = host?.comm_live !== false;
  };
  const keep = () => {
    if (!live) return;
    shown = traitsOf(model);
    answer = null;
  };
  for (const name of choices) model.on(`change:${name}`, notice);
  for (const name of ["_map", "_atlas"] as const) model.on(`change:${name}`, keep);
  signal.addEventListener(
    "abort",
    () => {
      for (const name of choices) model.off(`change:${name}`, notice);
      for (const name of ["_map", "_atlas"] as const) model.off(`change:${name}`, keep);
    },
    { once: true },
  );

  return {
    get: model.get.bind(model),
    set: model.set.bind(model),
    on: model.on.bind(model),
    off: model.off.bind(model),
    send: model.send.bind(model),
    widget_manager: model.widget_manager,
    save_changes() {
      model.save_changes();
      if (live) return;
      answer ??= answering(withShown(atlasOf(model), shownView(shown)));
      void answer(traitsOf(model)).then((values) => {
        if (!values || signal.aborted) return;
        for (const [name, value] of Object.entries({ ...values, progress: null })) {
          model.set(name as keyof Traits, value);
        }
      });
    },
  };
}

/** Only a kernel or a notebook sets it; no view reads it. */
function atlasOf(model: Model): Atlas | null | undefined {
  return (model as unknown as { get(name: "_atlas"): Atlas | null | undefined }).get("_atlas");
}

function traitsOf(model: Model): Traits {
  const names = [
    ...choices,
    "_map",
    "_picture",
    "_methods",
    "predictions",
    "status",
    "note",
  ] as const;
  return Object.fromEntries(names.map((name) => [name, model.get(name)])) as unknown as Traits;
}
