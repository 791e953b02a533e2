/** Receipts that come back: shown again, or with an undo. */
import { bindingOf, type SealedOpening } from '../protocol/charge.ts';
import { FarthingError } from '../protocol/errors.ts';
import { checkJwsByKid } from '../protocol/jws.ts';
import { importPublicKey } from '../protocol/key.ts';
import { type ReadReceipt, readReceipt } from '../protocol/receipt.ts';
import type { SellerContext } from './context.ts';

/**
 * Reads a receipt that one of this seller's keys signed, with the opening that it is bound to.
 * @throws FarthingError the codes of `readReceipt`, `jws_key_unknown`, `jws_signature`,
 *   `binding_mismatch`
 */
export async function checkOwnReceipt(
  seller: SellerContext,
  payload: SealedOpening & { readonly receipt: string },
): Promise<ReadReceipt> {
  const receipt = readReceipt(payload.receipt);
  const keys = (await seller.keys()).map(async ({ receipt: { kid, jwk } }) => {
    return [kid, await importPublicKey(jwk)] as const;
  });
  await checkJwsByKid(receipt.jws, new Map(await Promise.all(keys)));
  if ((await bindingOf(payload)) !== receipt.claims.bnd)
    throw new FarthingError('binding_mismatch', 'bnd is not the hash of this opening');
  return receipt;
}
