import { type Bytes, bytesOf } from "../pixels/decode";

export type Encoding = "raw" | "deflate";

/** Bytes as they were before they were packed. */
export async function unpacked({
  data,
  encoding,
}: {
  readonly data: Bytes;
  readonly encoding: Encoding;
}): Promise<Uint8Array<ArrayBuffer>> {
  return encoding === "raw" ? bytesOf(data) : new Uint8Array(await inflate(data));
}

/** Bytes that were deflated; the browser does it by itself. */
export async function inflate(data: Bytes): Promise<ArrayBuffer> {
  const stream = new Blob([bytesOf(data)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}
