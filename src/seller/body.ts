/** Reads bodies, as long as they are not larger than anything honest. */

/** The bytes of a body; undefined where they are more than `bytesMax`. */
export async function readBytes(
  body: ReadableStream<Uint8Array> | null,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  for await (const chunk of body ?? []) {
    byteCount += chunk.length;
    if (byteCount > bytesMax) return undefined;
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(byteCount);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/** @throws Error where the body is larger than `bytesMax` or not JSON */
export async function readJsonBody(response: Response, bytesMax: number): Promise<unknown> {
  const bytes = await readBytes(response.body, bytesMax);
  if (!bytes) throw new Error(`the answer is larger than ${bytesMax} bytes`);
  return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
}
