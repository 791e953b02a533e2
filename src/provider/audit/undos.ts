/**
 * What proves an undo that the provider granted in a seller's name (SPEC 7.8): the seller's promise
 * and the reader's wish, both of the charge that went back.
 */
import type { Selectable } from 'kysely';
import { checkJws } from '../../protocol/jws.ts';
import { importPublicKey, type PublicJwk, thumbprint } from '../../protocol/key.ts';
import { type ReadReceipt, readReceipt } from '../../protocol/receipt.ts';
import { readRefundNote, readUndo } from '../../protocol/undo.ts';
import type { Books } from '../database/database.ts';
import type { JudgedUndoRow } from '../database/tables.ts';
import { LENIENCE_SEC } from '../refunds/undos.ts';
import type { Facts, PurseFacts } from './facts.ts';
import { type Found, guarded, type Report } from './finding.ts';

/** Receipt keys by handle, as sellers have them now. */
export type SellerKeys = ReadonlyMap<string, readonly PublicJwk[]>;

interface Judged extends Selectable<JudgedUndoRow> {
  /** Of the refund of that place; null where there is none. */
  readonly note: string | null;
  readonly booked_at_sec: bigint | null;
}

/** A charge as sets have it. */
export function placeOf({ purse, seq }: { readonly purse: string; readonly seq: bigint }): string {
  return `${purse} ${seq}`;
}

/** Promised for this charge and its whole amount, and asked for in time. */
function checkPromise(judged: Judged, { claims }: ReadReceipt, found: Found): void {
  const { pur, seq, amt, at, undo: untilSec } = claims;
  const isSame = pur === judged.purse && BigInt(seq) === judged.seq;
  const noted = judged.note === null ? undefined : readRefundNote(judged.note).claims.amt;
  if (!isSame || amt !== noted) found('its receipt is of another charge than its refund');
  if (untilSec <= at) found('its receipt promises no undo');
  if (judged.at_sec > BigInt(untilSec + LENIENCE_SEC)) found('was granted when its time was over');
  if (judged.at_sec !== judged.booked_at_sec) found('was not granted when its refund was booked');
}

/** A receipt key is known for as long as its seller has it; what it signed stands. */
async function checkReceiptKey({ jws }: ReadReceipt, keys: readonly PublicJwk[]): Promise<void> {
  for (const jwk of keys)
    if ((await thumbprint(jwk)) === jws.kid) return checkJws(jws, await importPublicKey(jwk));
}

/** By the key of the purse: nobody else can wish for it. */
async function checkWish(
  judged: Judged,
  { bnd }: ReadReceipt['claims'],
  { purse, found }: { purse: PurseFacts; found: Found },
): Promise<void> {
  const { claims, jws } = readUndo(judged.undo);
  const said = [claims.pur, claims.seq, claims.bnd, claims.aud].join();
  if (said !== [purse.id, judged.seq, bnd, purse.payto].join())
    found('its wish is for another charge');
  const key: PublicJwk = JSON.parse(purse.key);
  await checkJws(jws, await importPublicKey(key));
}

interface Granted {
  readonly facts: Facts;
  readonly places: ReadonlySet<string>;
  readonly report: Report;
}

/** What sellers are yet to be told was granted, and is told to nobody else. */
async function checkUntold(books: Books, { facts, places, report }: Granted): Promise<void> {
  for await (const untold of books.selectFrom('untold_undo').selectAll().stream()) {
    const { purse, seq, payto } = untold;
    const found = (detail: string) =>
      report({ invariant: 'T4', row: `untold_undo ${purse}/${seq}`, detail });
    if (!places.has(placeOf(untold))) found('is to be told, and was not granted');
    const owner = facts.purses.get(purse)?.payto;
    if (payto !== owner) found(`is for ${payto}, its purse for ${owner ?? 'nobody'}`);
  }
}

/** Checks every undo that was granted here; answers their places. */
export async function checkUndos(
  books: Books,
  { facts, sellerKeys, report }: { facts: Facts; sellerKeys: SellerKeys; report: Report },
): Promise<Set<string>> {
  const places = new Set<string>();
  const rows = books
    .selectFrom('judged_undo')
    .leftJoin('refund', (join) =>
      join
        .onRef('refund.purse', '=', 'judged_undo.purse')
        .onRef('refund.seq', '=', 'judged_undo.seq'),
    )
    .selectAll('judged_undo')
    .select(['refund.note', 'refund.at_sec as booked_at_sec'])
    .stream();
  for await (const judged of rows) {
    const row = `judged_undo ${judged.purse}/${judged.seq}`;
    const found = (detail: string) => report({ invariant: 'T4', row, detail });
    places.add(placeOf(judged));
    const purse = facts.purses.get(judged.purse);
    if (!purse) continue; // It is reported as an orphan.
    await guarded(found, async () => {
      const receipt = readReceipt(judged.receipt);
      checkPromise(judged, receipt, found);
      await checkReceiptKey(receipt, sellerKeys.get(purse.handle) ?? []);
      await checkWish(judged, receipt.claims, { purse, found });
    });
  }
  await checkUntold(books, { facts, places, report });
  return places;
}
