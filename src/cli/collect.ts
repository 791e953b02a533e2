/** `farthing collect`: hands in once what a seller's store has accumulated, for cron. */
import { parseArgs } from 'node:util';
import { readCertificate } from '../protocol/certificate.ts';
import { formatAmount } from '../protocol/display.ts';
import { FarthingError } from '../protocol/errors.ts';
import { refusalLine } from '../protocol/problem.ts';
import { readPurse } from '../seller/charges/purses.ts';
import { type CollectReport, createSeller, type Store } from '../seller/index.ts';
import { salesLog } from '../seller/sales.ts';
import { sqliteStore } from '../seller/stores/sqlite.ts';
import { checkFile } from './files.ts';
import type { Command } from './main.ts';

const HELP = `Usage: FEE_SECRET=… farthing collect --payto HANDLE@HOST --store FILE

Hands in what has accumulated in the store of a shop, which may go on selling meanwhile. Run it
every few hours where the shop does not do it by itself (startCollecting):

  17 */6 * * *  cd /srv/farthing && export $(cat shop/.env) && npm run -s farthing -- collect …

It can be stopped at any moment: what was not booked is handed in the next time, and nothing twice.

  --payto NAME                the account that is paid
  --store FILE                the SQLite file that the shop writes
  --sales FILE                the file of figures that it writes (salesLog): what the wallet service
                              took back in the shop's name, whose server was silent, is added there
  --allow-insecure-loopback   a wallet service on this machine, for development

Exit 0: everything that was due is booked. Exit 1: not everything; it is handed in again the next
time. Exit 2: misuse.`;

function readOptions(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      payto: { type: 'string' },
      store: { type: 'string' },
      sales: { type: 'string' },
      'allow-insecure-loopback': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return values;
}

function say({ handed, captured, refused }: CollectReport): void {
  const sums = captured.map((price) => formatAmount(price)).join(', ') || 'nothing new';
  console.log(`Handed in ${handed}: ${sums} collected.`);
  for (const { purse, code } of refused) console.error(`Not taken: ${purse} [${code}]`);
}

const LOOKED_AT_COUNT = 1000;

/** What waits for another payto: the store serves several, or it is another shop's. */
async function sayOthers(store: Store, payto: string): Promise<void> {
  const rows = await store.due({ limit: LOOKED_AT_COUNT });
  const paytos = new Set(rows.map((row) => readCertificate(readPurse(row).certificate).claims.aud));
  paytos.delete(payto);
  for (const other of paytos)
    console.error(
      `Not asked for: what this store has for ${other}. Collect that with its --payto.`,
    );
}

/** Exit 0 when everything is booked, 1 when not, 2 for misuse. */
export const collect: Command = async (args) => {
  const { payto, store: file, sales, help, ...values } = readOptions(args);
  if (help) {
    console.log(HELP);
    return 0;
  }
  if (payto === undefined || file === undefined)
    throw new FarthingError('option_invalid', '--payto and --store say whose, and from where');
  checkFile(file);
  const store = sqliteStore(file);
  try {
    const allowInsecureLoopback = values['allow-insecure-loopback'];
    const secret = process.env.FEE_SECRET;
    const { onUndo } = sales === undefined ? {} : salesLog(sales);
    const seller = createSeller({ payto, secret, store, allowInsecureLoopback, onUndo });
    const report = await seller.collect();
    say(report);
    await sayOthers(store, payto);
    return report.refused.length > 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof FarthingError) || error.code !== 'provider_unreachable') throw error;
    console.error(`farthing collect: ${refusalLine(error)}`);
    return 1;
  } finally {
    store.close();
  }
};
