/** Reads bodies, as long as they are not larger than anything honest. */

/** The bytes of a body; undefined where they are more than `bytesMax`. */
export async function readBytes(
  body: ReadableStream<Uint8Array> | null,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const reader = body?.getReader();
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  for (let read = await reader?.read(); read?.value; read = await reader?.read()) {
    byteCount += read.value.length;
    chunks.push(read.value);
    if (byteCount <= bytesMax) continue;
    // Not awaited: one half of a body that was read twice waits for the other half.
    reader?.cancel().catch(() => {});
    return undefined;
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
