/** A receipt shown to come back (SPEC 7.3), for its item or a day pass. It writes no state. */
import { type ReadCertificate, readCertificate } from '../../protocol/certificate.ts';
import type { Challenge } from '../../protocol/challenge.ts';
import type { ShowPayload } from '../../protocol/credential.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { checkJws } from '../../protocol/jws.ts';
import { type ReadReceipt, readReceipt } from '../../protocol/receipt.ts';
import { decodeTerms } from '../../protocol/request.ts';
import { type ReadShow, readShow } from '../../protocol/show.ts';
import type { Terms } from '../../protocol/terms.ts';
import { type CheckedPurse, readGiven } from '../certificates/certificates.ts';
import { checkFresh } from '../charges/fresh.ts';
import { getPurse, refundOf } from '../charges/purses.ts';
import type { Sale } from '../charges/sale.ts';
import { freeBy } from '../charges/share.ts';
import { settleCertificate } from '../charges/verify.ts';
import { accountOf, type SellerContext } from '../context.ts';
import { checkHolds, type Visit } from '../visits/visit.ts';
import { checkOwnReceipt } from './receipts.ts';

/** What is shown, and the challenge that it answers. */
export interface Shown {
  readonly challenge: Challenge;
  readonly payload: ShowPayload;
}

/** What is shown, taken apart: the syntax of all of it comes before any other check. */
interface ReadShown {
  readonly proof: ReadShow;
  readonly receipt: ReadReceipt;
  readonly certificate: ReadCertificate;
  readonly holder: ReadCertificate | undefined;
}

async function readShown(payload: ShowPayload): Promise<ReadShown> {
  const { proof, receipt, certificate, holder } = payload;
  return {
    proof: readShow(proof),
    receipt: readReceipt(receipt),
    certificate: readCertificate(certificate),
    holder: await readGiven(holder),
  };
}

/** Whether two routes have one cap, and so one count. */
function isSameCap({ route }: Visit, { cap, currency }: Terms): boolean {
  const here = route.capRead;
  return (
    here !== undefined &&
    here.currency === currency &&
    here.amountMicros === cap?.amountMicros &&
    here.periodSec === cap.periodSec
  );
}

/** What the receipt is for; it opens what it bought, or under a cap that was reached all else. */
async function checkTerms(
  seller: SellerContext,
  visit: Visit,
  { payload: { opening } }: Shown,
): Promise<Bought> {
  const terms = decodeTerms(opening.request);
  const isHere = terms.origin === visit.url.origin && accountOf(seller, terms.payto);
  const isItem = terms.item === visit.item;
  const isOfCap = isSameCap(visit, terms);
  if (!isHere || !(isItem || isOfCap))
    throw new FarthingError('terms_changed', 'this receipt is for something else');
  const isOwn = isItem && opening.digest === (await visit.digest());
  if (!isOwn && !isOfCap)
    throw new FarthingError('digest_mismatch', 'this receipt bought the answer to another body');
  return { terms, isOwn, isOfCap };
}

/** What a receipt is for; whether that is what is asked for, or under the same cap. */
interface Bought {
  readonly terms: Terms;
  readonly isOwn: boolean;
  readonly isOfCap: boolean;
}

/** The purse of the receipt, and the one whose key made the proof: of one reader, here. */
async function readHolder(
  seller: SellerContext,
  shown: ReadShown,
  { pur, payto }: { pur: string; payto: string },
): Promise<CheckedPurse> {
  const settle = (given: ReadCertificate, purse: string) => {
    const { aud } = given.claims;
    return settleCertificate(seller, { aud, purse, given, remembered: undefined });
  };
  const own = await settle(shown.certificate, pur);
  const holder = shown.holder ? await settle(shown.holder, shown.holder.claims.jti) : own;
  const isSame = holder.claims.sub === own.claims.sub && holder.claims.aud === own.claims.aud;
  if (!isSame || own.claims.aud !== payto)
    throw new FarthingError('show_mismatch', 'the purses are of two readers');
  return holder;
}

function isProofFor(
  { claims }: ReadShow,
  receipt: ReadReceipt,
  {
    challenge,
    payto,
  }: {
    challenge: Challenge;
    payto: string;
  },
): boolean {
  const { pur, seq, bnd } = receipt.claims;
  return (
    claims.aud === payto &&
    claims.cid === challenge.id &&
    claims.pur === pur &&
    claims.seq === seq &&
    claims.bnd === bnd
  );
}

/** What the receipt opens here: what it bought, to its end, or whatever is free under its cap. */
async function openedBy(
  seller: SellerContext,
  visit: Visit,
  { receipt, terms, isOwn, isOfCap, sub }: Bought & { receipt: ReadReceipt; sub: string },
): Promise<Sale> {
  const sale = { kind: 'sale', receipt, takeBack: async () => false } as const;
  const { claims } = receipt;
  const { payto, currency, cap, amountMicros } = terms;
  // Whoever paid less than the price has it for as long as the rest is free, and no longer.
  const isWhole = claims.amt === amountMicros;
  if (isOwn && isWhole && claims.until * 1000 > seller.now()) return sale;
  if (!cap || !isOfCap) throw new FarthingError('used', 'it was yours for as long as was agreed');
  if (!isOwn) await checkHolds(seller, visit);
  return { ...sale, free: await freeBy(seller, { payto, sub, currency, cap }, claims) };
}

/**
 * Opens what a receipt is shown for, in the order of SPEC 7.3; there is no charge to take back.
 * @throws FarthingError the codes of SPEC 7.3
 */
export async function show(seller: SellerContext, visit: Visit, shown: Shown): Promise<Sale> {
  const { challenge, payload } = shown;
  const read = await readShown(payload);
  const { proof, receipt } = read;
  await checkFresh(seller, visit, challenge);
  await checkOwnReceipt(seller, receipt, payload);
  const bought = await checkTerms(seller, visit, shown);
  const { pur, seq } = receipt.claims;
  const { payto } = bought.terms;
  if (refundOf(await getPurse(seller.store, pur), seq))
    throw new FarthingError('refunded', 'its money went back');
  const holder = await readHolder(seller, read, { pur, payto });
  if (!isProofFor(proof, receipt, { challenge, payto }))
    throw new FarthingError('show_mismatch', 'the proof is for another receipt or challenge');
  await checkJws(proof.jws, holder.key);
  return openedBy(seller, visit, { ...bought, receipt, sub: holder.claims.sub });
}
