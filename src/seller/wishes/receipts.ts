/** Receipts that come back: shown again, or with an undo. */
import { bindingOf, type SealedOpening } from '../../protocol/charge.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { checkJwsByKid } from '../../protocol/jws.ts';
import { importPublicKey } from '../../protocol/key.ts';
import type { ReadReceipt } from '../../protocol/receipt.ts';
import type { SellerContext } from '../context.ts';

/**
 * Checks a receipt by this seller's own keys, and the opening that it is bound to.
 * @throws FarthingError `jws_key_unknown`, `jws_signature`, `binding_mismatch`
 */
export async function checkOwnReceipt(
  seller: SellerContext,
  receipt: ReadReceipt,
  sealed: SealedOpening,
): Promise<void> {
  const keys = (await seller.keys()).map(async ({ receipt: { kid, jwk } }) => {
    return [kid, await importPublicKey(jwk)] as const;
  });
  await checkJwsByKid(receipt.jws, new Map(await Promise.all(keys)));
  if ((await bindingOf(sealed)) !== receipt.claims.bnd)
    throw new FarthingError('binding_mismatch', 'bnd is not the hash of this opening');
}
