import type { AnyModel } from "@anywidget/types";
import { canRunCells, isAnswered } from "../atlas/kernel";
import { cellAgain } from "../atlas/words";
import { canNest, type Manager } from "./nested_view";
import { idOf } from "./reference";

export const noKernel = "Painting needs a running kernel.";
export const noCanvas =
  "This page cannot draw the brush's canvas (ipycanvas): open the notebook in JupyterLab to paint.";

/** Why a widget that stands in another can only be shown as it was; empty when it can be drawn. */
export async function standing<T extends object>(
  model: AnyModel<T>,
  reference: string | null,
): Promise<string> {
  const gone = canRunCells(model) ? cellAgain : noKernel;
  if (reference === null) return gone;
  if (!canNest(model)) return noCanvas;
  const manager = model.widget_manager as unknown as Manager;
  try {
    const child = await manager.get_model(idOf(reference));
    // A page that cannot load what draws the child has a model that only tells of the error.
    if (isAnswered(child) && child.get?.("_view_name") !== "ErrorWidgetView") return "";
  } catch {
    // The manager knows nothing of it any more: its kernel has gone, or has closed it.
  }
  return gone;
}
