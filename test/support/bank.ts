/** A provider's counter for tests of sellers: it takes every charge and note that is handed in. */
import { readCharge } from '../../src/protocol/charge.ts';
import { readRefundNote } from '../../src/protocol/undo.ts';
import type { TestProvider } from './payer.ts';

/** Takes whatever is handed in, and remembers it. */
export function openBank({ fetch }: TestProvider, step = async () => {}) {
  const handed = { charges: [] as string[], notes: [] as string[] };
  const fetchPort: typeof globalThis.fetch = async (input, init) => {
    if (!String(input).includes('/v1/')) return fetch(input);
    await step();
    const { charges = [], notes = [] } = JSON.parse(String(init?.body));
    handed.charges.push(...charges);
    handed.notes.push(...notes);
    await step();
    const captured = charges.map((token: string) => {
      const { pur, seq, tot } = readCharge(token).claims;
      return { pur, state: 'captured', seq, tot: `${tot}` };
    });
    const paid = notes.map((token: string) => {
      const { pur, seq } = readRefundNote(token).claims;
      return { pur, seq, state: 'paid' };
    });
    return Response.json({ results: [...captured, ...paid] });
  };
  return { handed, fetchPort };
}
