/** Undo (SPEC 7.4): one charge is given back, once, by a note that stands in the purse's row. */
import type { ReadCertificate } from '../../protocol/certificate.ts';
import type { Challenge } from '../../protocol/challenge.ts';
import type { UndoPayload } from '../../protocol/credential.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { checkJws } from '../../protocol/jws.ts';
import { addMicros } from '../../protocol/money.ts';
import { passName } from '../../protocol/pass.ts';
import { type ReadReceipt, readReceipt } from '../../protocol/receipt.ts';
import { decodeTerms } from '../../protocol/request.ts';
import type { Terms } from '../../protocol/terms.ts';
import { type ReadUndo, readUndo, signRefundNote } from '../../protocol/undo.ts';
import { type CheckedPurse, readGiven } from '../certificates/certificates.ts';
import { refuse } from '../charges/astray.ts';
import { uncountRefund } from '../charges/caps.ts';
import { getPurse, type PurseRow, putPurse, type Refund, refundOf } from '../charges/purses.ts';
import type { Refusal } from '../charges/sale.ts';
import { checkChallenge, settleCertificate } from '../charges/verify.ts';
import { type SellerContext, tell } from '../context.ts';
import { lapsedPass } from '../visits/cookies.ts';
import type { Visit } from '../visits/visit.ts';
import { checkOwnReceipt } from './receipts.ts';

/** An undo that is the reader's own word on a receipt of ours. */
interface Wish {
  readonly undo: ReadUndo;
  readonly receipt: ReadReceipt;
  readonly terms: Terms;
}

function checkTerms(origin: string, { undo, terms }: Wish): void {
  if (terms.origin !== origin || terms.payto !== undo.claims.aud)
    throw new FarthingError('terms_changed', 'this receipt is for something else');
}

async function checkWish(
  seller: SellerContext,
  { undo, receipt }: Wish,
  { row, given }: { row: PurseRow | undefined; given: ReadCertificate | undefined },
): Promise<CheckedPurse> {
  const { aud, pur, seq, bnd } = undo.claims;
  const remembered = row?.certificate;
  const { claims } = receipt;
  const purse = await settleCertificate(seller, { aud, purse: claims.pur, given, remembered });
  const isSame = pur === claims.pur && seq === claims.seq && bnd === claims.bnd;
  if (!isSame || purse.claims.aud !== aud)
    throw new FarthingError('undo_mismatch', 'the undo names another charge than the receipt');
  await checkJws(undo.jws, purse.key);
  return purse;
}

function outOfSync(row: PurseRow | undefined): FarthingError {
  return new FarthingError('out_of_sync', `the last accepted charge is ${row?.seq ?? 0}`);
}

/** Why the money does not go back; undefined where it does. */
function refusalOf(
  seller: SellerContext,
  row: PurseRow | undefined,
  { receipt, purse }: { receipt: ReadReceipt['claims']; purse: CheckedPurse },
): FarthingError | undefined {
  if (receipt.undo * 1000 <= seller.now())
    return new FarthingError('undo_over', 'its time to be undone is over');
  if ((row?.refunds.length ?? 0) >= purse.claims.undo)
    return new FarthingError('undo_quota', 'this purse has no undo left');
  // A server that was restored from yesterday does not know the charge: `prior` comes first.
  if (!row || row.seq < receipt.seq) return outOfSync(row);
  return undefined;
}

async function noteFor(
  seller: SellerContext,
  { refunds }: PurseRow,
  { undo, receipt }: Wish,
): Promise<Refund> {
  const { seq, amt } = receipt.claims;
  const rtot = refunds.reduce((sum, refund) => addMicros(sum, refund.amt), amt);
  const [keys] = await seller.keys();
  const { aud, pur } = undo.claims;
  return { seq, amt, note: await signRefundNote({ aud, pur, seq, amt, rtot }, keys.receipt) };
}

/** Takes it off the count of its cap; asked again, since a server may have died before it. */
async function uncount(
  seller: SellerContext,
  { terms, receipt }: Wish,
  { claims: { sub } }: CheckedPurse,
): Promise<void> {
  const { pur: purse, seq, amt, at: atSec } = receipt.claims;
  const { payto, currency, cap } = terms;
  if (cap) await uncountRefund(seller, { payto, sub, currency, cap }, { purse, seq, amt, atSec });
}

/** What is told of an undo once it stands. */
function announce(seller: SellerContext, { terms, receipt }: Wish, { claims }: CheckedPurse): void {
  const { pur: purse, seq, amt, at: soldAtSec } = receipt.claims;
  const { payto, origin, item, currency } = terms;
  const what = { origin, item, amountMicros: amt, currency, payto, soldAtSec };
  tell(seller, seller.onUndo, { ...what, reader: claims.sub, reference: `${purse}.${seq}` });
}

/** One attempt; undefined where another writer was first. */
async function attempt(
  seller: SellerContext,
  wish: Wish,
  given: ReadCertificate | undefined,
): Promise<string | Refusal | undefined> {
  const { claims } = wish.receipt;
  const row = await getPurse(seller.store, claims.pur);
  const purse = await checkWish(seller, wish, { row, given });
  const known = refundOf(row, claims.seq);
  if (known) {
    await uncount(seller, wish, purse);
    return known.note;
  }
  const error = refusalOf(seller, row, { receipt: claims, purse });
  if (error || !row) return refuse(seller.store, row, error ?? outOfSync(row));
  const refund = await noteFor(seller, row, wish);
  const refunds = [...row.refunds, refund];
  const next = { ...row, refunds, firm: true, rev: row.rev + 1 };
  if (!(await putPurse(seller.store, next))) return undefined;
  await uncount(seller, wish, purse);
  announce(seller, wish, purse);
  return refund.note;
}

/**
 * Answers action `undo`.
 * @throws FarthingError the codes of SPEC 7.4, in its order
 */
export async function undo(
  seller: SellerContext,
  visit: Visit,
  { challenge, payload }: { challenge: Challenge; payload: UndoPayload },
): Promise<Refusal | { readonly kind: 'told'; readonly body: object; readonly cookie: string }> {
  const read = readUndo(payload.undo);
  const receipt = readReceipt(payload.receipt);
  const given = await readGiven(payload.certificate);
  await checkChallenge(seller, visit, challenge);
  await checkOwnReceipt(seller, receipt, payload);
  const wish = { undo: read, receipt, terms: decodeTerms(payload.opening.request) };
  checkTerms(visit.url.origin, wish);
  for (;;) {
    const refund = await attempt(seller, wish, given);
    if (refund === undefined) continue;
    if (typeof refund !== 'string') return refund;
    const name = await passName(wish.terms.origin, wish.terms.item);
    return { kind: 'told', body: { refund }, cookie: await lapsedPass(visit, name) };
  }
}
