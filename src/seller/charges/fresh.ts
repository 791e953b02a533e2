/** Challenges under which a proof says *now* (SPEC 6.11, 7.3). */
import { type Challenge, isPageBuilt } from '../../protocol/challenge.ts';
import { FarthingError } from '../../protocol/errors.ts';
import type { SellerContext } from '../context.ts';
import type { Visit } from '../visits/visit.ts';
import { checkChallenge } from './verify.ts';

/**
 * Only a challenge of our own is fresh; one that a page could make is as old as anybody likes.
 * @throws FarthingError the codes of `checkChallenge`
 */
export async function checkFresh(
  seller: SellerContext,
  visit: Visit,
  challenge: Challenge,
): Promise<void> {
  if (isPageBuilt(challenge))
    throw new FarthingError('challenge_unknown', 'this is proven under a challenge made here');
  await checkChallenge(seller, visit, challenge);
}
