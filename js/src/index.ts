import brush from "./brush";
import explainer from "./explainer";
import gallery from "./gallery";

export { showAll } from "./page";

const views = { brush, explainer, gallery };

/** Draw a widget's view into an element; what is returned takes it away. */
export function render(view: keyof typeof views, props: never): () => void {
  return views[view].render(props);
}
