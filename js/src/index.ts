import { seeBehind } from "./behind";
import brush from "./brush";
import explainer from "./explainer";
import gallery from "./gallery";
import { wholeWidget } from "./whole";

export { showAll } from "./page";

const views = { brush, explainer, gallery };

/** Draw a widget's view into an element; what is returned takes it away. */
export function render(view: keyof typeof views, props: { readonly el: HTMLElement }): () => void {
  const takeDown = views[view].render(props as never);
  const gone = new AbortController();
  seeBehind(props.el, gone.signal);
  return () => {
    gone.abort();
    takeDown();
  };
}

/** What a widget's script exports that brings all of this itself. */
export function widget(key: string, styles: string) {
  return wholeWidget({ render: render as never }, key, styles);
}
