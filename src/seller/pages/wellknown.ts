/** What a seller's site serves beside its pages: its proof of origin. */
import { canonicalJson } from '../../protocol/json.ts';
import type { SellerContext } from '../context.ts';

/** `/.well-known/farthing.json` (SPEC 2.3): who is paid here, and by which keys it signs. */
export async function originProof(seller: SellerContext): Promise<Response> {
  const keys = await seller.keys();
  const proof = {
    account: keys[0].account.kid,
    keys: keys.map(({ receipt }) => ({ ...receipt.jwk })),
    paytos: seller.accounts.map(({ payto }) => payto.text),
  };
  const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache' };
  return new Response(canonicalJson(proof), { headers });
}
