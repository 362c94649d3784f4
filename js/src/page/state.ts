/** A widget's state from JSON, with `{"base64": ...}` made bytes again. */
export function stateFrom(json: string): unknown {
  return JSON.parse(json, (_, value: unknown) => (isBinary(value) ? bytes(value.base64) : value));
}

function isBinary(value: unknown): value is { readonly base64: string } {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.keys(value).length === 1 &&
    "base64" in value &&
    typeof value.base64 === "string"
  );
}

function bytes(base64: string): DataView {
  return new DataView(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer);
}
