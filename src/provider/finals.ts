/**
 * Final statements that a seller hands in, many at a time, on purses whose devices are lost (SPEC
 * 9.20).
 */
import type { ClosingResult } from '../protocol/api.ts';
import { readCharge } from '../protocol/charge.ts';
import { readFinal } from '../protocol/close.ts';
import { FarthingError } from '../protocol/errors.ts';
import { paytoMember } from '../protocol/payto.ts';
import { compact, id, list, readMembers } from '../protocol/shape.ts';
import { type Closing, closeOwned, closingFault } from './closings.ts';
import type { Context } from './context.ts';
import { readBody } from './input.ts';
import { ASKED_COUNT_MAX } from './recalls.ts';
import { requireSeller } from './sellers.ts';
import {
  type Answer,
  answer,
  answeredBefore,
  type Call,
  type Writing,
  writeAsAccount,
  writeOf,
} from './writes.ts';

/** A token that cannot be read names no purse, so the whole body is malformed. */
function readableClosing(value: unknown): Omit<Closing, 'fault'> {
  const read = readMembers(value, { final: compact }, { charge: compact });
  const final = readFinal(read.final);
  const charge = read.charge === undefined ? undefined : readCharge(read.charge);
  return { purse: final.claims.pur, final, charge };
}

async function closeEach(
  writing: Writing,
  payto: string,
  closings: readonly Closing[],
): Promise<Answer> {
  const { context, books, account } = writing;
  const seller = await requireSeller(context, books, payto);
  if (seller.account !== account)
    throw new FarthingError('handle_taken', `${payto} is closed by its own account only`);
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
  const closings = list(readableClosing, ASKED_COUNT_MAX);
  const body = readBody(call.body, { id, payto: paytoMember, closings });
  const write = writeOf('closings', body.id, call.body);
  const before = await answeredBefore(context, call.kid, write);
  if (before) return before;
  const checked = await Promise.all(
    body.closings.map(async (it) => ({ ...it, fault: await closingFault(context, it) })),
  );
  return writeAsAccount(context, call.kid, write, (writing) =>
    closeEach(writing, body.payto, checked),
  );
}
