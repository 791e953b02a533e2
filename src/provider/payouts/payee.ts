/** A seller says where it is paid (SPEC 9.21). */
import type { SetBankAnswer } from '../../protocol/api.ts';
import {
  type Answer,
  answer,
  type Call,
  type Writing,
  writeAsAccount,
  writeOf,
} from '../api/writes.ts';
import type { Context } from '../context.ts';
import { paytoNamed, requireOwnSeller } from '../sellers/sellers.ts';
import { readBankAccount, SET_BANK, shortNumber } from './bankaccount.ts';
import { hasBounced, requireRow, type Seller } from './terms.ts';

/** Where a seller is paid; undefined where it has not said. */
export function bankAnswer(
  { rules }: Pick<Context, 'rules'>,
  { bank, bank_at_sec: atSec }: Pick<Seller, 'bank' | 'bank_at_sec'>,
): SetBankAnswer | undefined {
  if (bank === null || atSec === null) return undefined;
  const account = readBankAccount(bank);
  const { name } = account;
  return { name, number: shortNumber(account), from: Number(atSec) + rules.bankHoldSec };
}

/** The same account again is no change, unless money came back from there. */
async function setBank(writing: Writing, handle: string, bank: string): Promise<Answer> {
  const { context, books, atSec } = writing;
  const seller = await requireRow(books, handle);
  if (seller.bank !== bank || (await hasBounced(books, seller)))
    await books
      .updateTable('seller')
      .set({ bank, bank_at_sec: atSec, payout_at_sec: atSec })
      .where('handle', '=', handle)
      .execute();
  return answer(bankAnswer(context, await requireRow(books, handle)) ?? {});
}

/**
 * `POST /v1/sellers/HANDLE/bank`, by the seller's account. The first payout there is some days
 * later: whoever has stolen a key does not empty the till overnight.
 * @throws FarthingError `body_malformed`, `account_unknown`, `seller_unknown`, `handle_taken`,
 *   `id_reused`
 */
export async function setPayee(context: Context, named: string, call: Call): Promise<Answer> {
  const body = SET_BANK.read(call.body);
  const write = writeOf(`sellers/${named}/bank`, body.id, call.body);
  const payto = paytoNamed(context, named);
  return writeAsAccount(context, call.kid, write, async (writing) => {
    const { books, account } = writing;
    const { handle } = await requireOwnSeller(context, books, { payto, account });
    return setBank(writing, handle, JSON.stringify(body.bank));
  });
}
