/**
 * Final statements that a seller hands in, many at a time, on purses whose devices are lost (SPEC
 * 9.20).
 */
import type { ClosingResult } from '../../protocol/api.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { paytoMember } from '../../protocol/payto.ts';
import { id } from '../../protocol/shape.ts';
import { bodyOf, listOf, membersOf } from '../api/schema.ts';
import {
  type Answer,
  answer,
  answeredBefore,
  type Call,
  type Writing,
  writeAsAccount,
  writeOf,
} from '../api/writes.ts';
import type { Context } from '../context.ts';
import { requireOwnSeller } from '../sellers/sellers.ts';
import { type Closing, closeOwned, closingFault, FINAL, LAST_CHARGE } from './closings.ts';
import { ASKED_COUNT_MAX } from './recalls.ts';

/** `POST /v1/closings`. */
export const CLOSE_PURSES = bodyOf({
  id,
  payto: paytoMember,
  closings: listOf(membersOf(FINAL, LAST_CHARGE), { most: ASKED_COUNT_MAX }),
});

async function closeEach(
  writing: Writing,
  payto: string,
  closings: readonly Closing[],
): Promise<Answer> {
  const { context, books, account } = writing;
  await requireOwnSeller(context, books, { payto, account });
  const results: ClosingResult[] = [];
  for (const closing of closings) {
    const { purse: pur } = closing;
    try {
      if (closing.final.claims.aud !== payto)
        throw new FarthingError('purse_audience', 'it is another seller’s');
      await closeOwned(writing, closing);
      results.push({ pur, state: 'closed' });
    } catch (error) {
      // Everything is checked before anything of a purse is written.
      if (!(error instanceof FarthingError)) throw error;
      results.push({ pur, state: 'refused', code: error.code });
    }
  }
  return answer({ results });
}

/**
 * `POST /v1/closings`, by a seller's account.
 * @throws FarthingError `body_malformed`, `account_unknown`, `seller_unknown`, `handle_taken`,
 *   `id_reused`; per purse, in the answer, the codes of `closePurse`
 */
export async function closePurses(context: Context, call: Call): Promise<Answer> {
  const body = CLOSE_PURSES.read(call.body);
  const write = writeOf('closings', body.id, call.body);
  const before = await answeredBefore(context, call.kid, write);
  if (before) return before;
  const checked = await Promise.all(
    body.closings.map(async ({ final, charge }) => {
      const closing = { purse: final.claims.pur, final, charge };
      return { ...closing, fault: await closingFault(context, closing) };
    }),
  );
  return writeAsAccount(context, call.kid, write, (writing) =>
    closeEach(writing, body.payto, checked),
  );
}
