/** A receipt shown to come back (SPEC 7.3). Reads and checks; writes no state. */
import { readCertificate } from '../protocol/certificate.ts';
import { type Challenge, isPageBuilt } from '../protocol/challenge.ts';
import { bindingOf } from '../protocol/charge.ts';
import type { ShowPayload } from '../protocol/credential.ts';
import { FarthingError } from '../protocol/errors.ts';
import { checkJws, checkJwsByKid } from '../protocol/jws.ts';
import { importPublicKey } from '../protocol/key.ts';
import { type ReadReceipt, readReceipt } from '../protocol/receipt.ts';
import { type ReadShow, readShow } from '../protocol/show.ts';
import { decodeTerms } from '../protocol/terms.ts';
import type { CheckedPurse } from './certificates.ts';
import type { SellerContext } from './context.ts';
import { checkChallenge } from './verify.ts';
import type { Visit } from './visit.ts';

/** What is shown, and the challenge that it answers. */
export interface Shown {
  readonly challenge: Challenge;
  readonly payload: ShowPayload;
}

/** Only a challenge of our own is fresh; one that a page could make is as old as anybody likes. */
async function checkFresh(seller: SellerContext, visit: Visit, challenge: Challenge) {
  if (isPageBuilt(challenge))
    throw new FarthingError('challenge_unknown', 'a receipt is shown under a challenge made here');
  await checkChallenge(seller, visit, challenge);
}

async function checkReceipt(seller: SellerContext, { payload }: Shown): Promise<ReadReceipt> {
  const receipt = readReceipt(payload.receipt);
  const { kid, jwk } = (await seller.keys()).receipt;
  await checkJwsByKid(receipt.jws, new Map([[kid, await importPublicKey(jwk)]]));
  if ((await bindingOf(payload)) !== receipt.claims.bnd)
    throw new FarthingError('binding_mismatch', 'bnd is not the hash of this opening');
  return receipt;
}

function checkItem(seller: SellerContext, visit: Visit, { payload }: Shown): void {
  const { request, realm } = payload.opening;
  const { item, payto } = decodeTerms(request);
  const isHere = item === visit.item && realm === visit.url.hostname;
  if (!isHere || payto !== seller.payto.text)
    throw new FarthingError('terms_changed', 'this receipt is for something else');
}

/** The purse of the receipt, and the one whose key made the proof: of one reader, here. */
async function readHolder(
  seller: SellerContext,
  { payload }: Shown,
  { pur }: ReadReceipt['claims'],
): Promise<CheckedPurse> {
  const settle = (token: string, purse?: string) => {
    const given = readCertificate(token);
    return seller.certificates.settle({
      purse: purse ?? given.claims.jti,
      given,
      remembered: undefined,
    });
  };
  const own = await settle(payload.certificate, pur);
  const holder = payload.holder === undefined ? own : await settle(payload.holder);
  const isSame = holder.claims.sub === own.claims.sub && holder.claims.aud === own.claims.aud;
  if (!isSame || own.claims.aud !== seller.payto.text)
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

/**
 * Checks a receipt that is shown, in the order of SPEC 7.3; answers the receipt.
 * @throws FarthingError the codes of SPEC 7.3
 */
export async function checkShown(
  seller: SellerContext,
  visit: Visit,
  shown: Shown,
): Promise<ReadReceipt> {
  const { challenge, payload } = shown;
  const proof = readShow(payload.proof);
  await checkFresh(seller, visit, challenge);
  const receipt = await checkReceipt(seller, shown);
  checkItem(seller, visit, shown);
  if (receipt.claims.until * 1000 <= seller.now())
    throw new FarthingError('used', 'it was yours for as long as was agreed');
  const holder = await readHolder(seller, shown, receipt.claims);
  if (!isProofFor(proof, receipt, { challenge, payto: seller.payto.text }))
    throw new FarthingError('show_mismatch', 'the proof is for another receipt or challenge');
  await checkJws(proof.jws, holder.key);
  return receipt;
}
