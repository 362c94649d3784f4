import { type Bytes, bytesOf } from "../pixels/decode";
import type { Parts } from "../pixels/styles";

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

interface Packed {
  readonly data: Bytes;
  readonly encoding?: Encoding;
}

/** A map without its packing, nor that of what else it is painted with. */
export async function unpackedMap<M extends Packed & Parts>(map: M): Promise<Omit<M, "encoding">> {
  const { encoding: _, ...rest } = map;
  const bytes = ({ data, encoding }: Packed) =>
    encoding === "deflate" ? inflate(data) : Promise.resolve(data);
  const { colour, signed } = map;
  return {
    ...rest,
    data: await bytes(map),
    ...(colour && { colour: { ...colour, data: await bytes(colour) } }),
    ...(signed && { signed: { ...signed, data: await bytes(signed) } }),
  };
}

/** Bytes that were deflated; the browser does it by itself. */
export async function inflate(data: Bytes): Promise<ArrayBuffer> {
  const stream = new Blob([bytesOf(data)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}
