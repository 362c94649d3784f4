/** Whether the page is being printed; `changed` is called at once when that begins and ends. */
export function printing(changed: () => void, signal: AbortSignal): () => boolean {
  if (typeof matchMedia === "undefined") return () => false;
  const media = matchMedia("print");
  let asked = false;
  const begin = () => {
    asked = true;
    changed();
  };
  const end = () => {
    asked = false;
    changed();
  };
  addEventListener("beforeprint", begin, { signal });
  addEventListener("afterprint", end, { signal });
  media.addEventListener("change", changed, { signal });
  return () => asked || media.matches;
}
