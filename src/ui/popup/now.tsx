/** The popup's ground: what is there, what today took, the last payments. */
import { Amount } from '../../design/amount.tsx';
import { Button } from '../../design/button.tsx';
import { Meter } from '../../design/meter.tsx';
import { balanceSaid, balanceText } from '../../extension/amounts.ts';
import type { SiteView } from '../../extension/messages.ts';
import { closeScreen, openPage } from '../../extension/screen.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import type { PaymentView, WalletView } from '../../wallet/view.ts';
import { say, sayAround, sayCount } from '../../words/say.ts';
import { EverySiteSwitch } from '../everysite.tsx';
import { KnownLast } from '../knownlast.tsx';
import { PaymentList } from '../payments.tsx';
import { PlayMark } from '../play.tsx';
import { Said, SpentToday } from '../said.tsx';
import { SiteLine } from './site.tsx';

interface NowProps {
  readonly wallet: WalletView;
  readonly site: SiteView | undefined;
  readonly isEverySite: boolean;
  readonly onChanged: () => Promise<void>;
  /** Why what is shown is not of now. */
  readonly fault: ErrorCode | undefined;
  readonly onOpen: (payment: PaymentView) => void;
  readonly onUndo: (payment: PaymentView) => void;
  /** What one press adds. */
  readonly topUp: string;
  readonly busy: boolean;
  readonly onAddMoney: () => void;
}

type BalanceProps = Pick<NowProps, 'wallet' | 'topUp' | 'busy' | 'onAddMoney'>;

export function Balance({ wallet, topUp, busy, onAddMoney }: BalanceProps) {
  const { aside, asideSellers, spentToday, dailyLimit, currency } = wallet;
  return (
    <section class="balance">
      <div class="balance-head">
        <p>
          {sayAround('yours', {
            amount: (
              <span class="figure">
                <Amount said={balanceSaid(wallet.yours, wallet.currency)}>
                  {balanceText(wallet.yours, wallet.currency)}
                </Amount>
              </span>
            ),
          })}{' '}
          <PlayMark wallet={wallet} />
        </p>
        {wallet.topUp?.state !== 'begun' && (
          <Button kind="link" busy={busy} onPress={onAddMoney}>
            <Said>{({ amount }) => say('addMoney', { amount: amount(topUp, currency) })}</Said>
          </Button>
        )}
      </div>
      {asideSellers > 0 && (
        <p class="soft">
          <Said>
            {({ balance }) =>
              sayCount('asideAt', asideSellers, { amount: balance(aside, currency) })
            }
          </Said>
        </p>
      )}
      <Meter used={BigInt(spentToday)} limit={BigInt(dailyLimit)}>
        <SpentToday wallet={wallet} />
      </Meter>
    </section>
  );
}

/** The page of everything, in a tab. */
function AllHistory() {
  return (
    <Button kind="link" onPress={() => void openPage('/page.html').then(closeScreen)}>
      {say('allHistory')}
    </Button>
  );
}

/** Where the money went last month: on the page, a press on a seller then says for what. */
function LastMonth({ month }: { readonly month: string }) {
  return (
    <Button
      kind="link"
      onPress={() => void openPage(`/page.html?month=${month}`).then(closeScreen)}
    >
      {say('lastMonth')}
    </Button>
  );
}

type LatestProps = Pick<NowProps, 'wallet' | 'onOpen' | 'onUndo'>;

export function Latest({ wallet, onOpen, onUndo }: LatestProps) {
  if (wallet.latest.length === 0)
    return (
      <section>
        <h2 class="soft">{say('nothingBought')}</h2>
        <p>
          <Said>
            {({ balance }) =>
              say('nothingBoughtNote', { yours: balance(wallet.yours, wallet.currency) })
            }
          </Said>
        </p>
        <AllHistory />
      </section>
    );
  return (
    <section>
      <div class="latest-head">
        <h2 class="soft">{say('lastPayments')}</h2>
        <span class="latest-links">
          <AllHistory />
          {wallet.lastMonth !== undefined && <LastMonth month={wallet.lastMonth} />}
        </span>
      </div>
      <PaymentList payments={wallet.latest} onOpen={onOpen} onUndo={onUndo} />
    </section>
  );
}

export function NowScreen(props: NowProps) {
  const { wallet, fault, site, isEverySite, onOpen, onUndo, onChanged } = props;
  return (
    <>
      <Balance {...props} />
      <KnownLast fault={fault} />
      <Latest wallet={wallet} onOpen={onOpen} onUndo={onUndo} />
      <footer class="reach">
        {site && <SiteLine site={site} onChanged={onChanged} />}
        <EverySiteSwitch isOn={isEverySite} onChanged={onChanged} />
      </footer>
    </>
  );
}
