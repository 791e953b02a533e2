/** The popup: asks the wallet what to show, shows it, carries the answers back. */
import '../../design/tokens.css';
import '../../design/components.css';
import './popup.css';
import { useCallback, useEffect, useLayoutEffect, useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import type { Limits, ScreenState, SiteView } from '../../extension/messages.ts';
import { ask, closeScreen, onChange, openWelcome, subjectTab } from '../../extension/screen.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import type { AskView, OutcomeView, PaymentView, TabView, WalletView } from '../../wallet/view.ts';
import { say } from '../../words/say.ts';
import { SafetyLink, SafetyNote } from '../recovery/note.tsx';
import { ReportLink } from '../report.tsx';
import { addMoney, CardNote, TOP_UP_AMOUNT } from '../topup.tsx';
import { failureText } from '../words.ts';
import { AskScreen } from './ask.tsx';
import { LinksNote } from './links.tsx';
import {
  FetchingNote,
  OwnedNote,
  PaidNote,
  RefusedNote,
  ServiceNote,
  UnpayableNote,
  WaitingNote,
} from './notes.tsx';
import { NowScreen } from './now.tsx';
import { OneClickSwitch, ReachButton, ShutNote } from './site.tsx';

/** What was just paid here, and what one click could do the next time. */
interface Paid extends Place {
  readonly payment: PaymentView;
}

/** Where the reader says yes, and the limits that one click could have there. */
interface Place {
  readonly limits?: Limits | undefined;
  /** The tab goes on to what was bought, and some browsers tell no more of it from then on. */
  readonly site?: SiteView | undefined;
}

/** What is said of what did not work, and the purchase to report, where one can be reported. */
interface Failed {
  readonly text: string;
  readonly paymentId?: string | undefined;
}

interface Popup {
  readonly state: ScreenState | undefined;
  /** Why what is shown is not of now. */
  readonly fault: ErrorCode | undefined;
  readonly busy: boolean;
  readonly paid: Paid | undefined;
  readonly failure: Failed | undefined;
  /** What is said of money that came in, to whom does not see it. */
  readonly arrived: string;
  readonly topUp: (currency: string) => void;
  readonly run: (work: () => Promise<OutcomeView | undefined>, place?: Place) => Promise<void>;
  readonly undo: (payment: PaymentView) => void;
  readonly look: () => Promise<void>;
  readonly tabId: number | undefined;
}

function usePopup(): Popup {
  const [state, setState] = useState<ScreenState>();
  const [tabId, setTabId] = useState<number>();
  const [fault, setFault] = useState<ErrorCode>();
  const [busy, setBusy] = useState(false);
  const [paid, setPaid] = useState<Paid>();
  const [failure, setFailure] = useState<Failed>();
  const [arrived, setArrived] = useState('');

  const look = useCallback(async () => {
    const subject = await subjectTab();
    setTabId(subject);
    setState(await ask('state', { tabId: subject }));
  }, []);

  // Before the screen is painted: what it shows was asked for already.
  useLayoutEffect(() => {
    onChange(() => void look());
    void look().then(async () => setFault(await ask('refresh', {})));
  }, [look]);

  const attempt = useCallback(
    async (work: () => Promise<void>, paymentId?: string) => {
      setBusy(true);
      setFailure(undefined);
      try {
        await work();
      } catch (error) {
        setFailure({ text: failureText(error), paymentId });
      } finally {
        await look();
        setBusy(false);
      }
    },
    [look],
  );
  const run = (work: () => Promise<OutcomeView | undefined>, place?: Place) =>
    attempt(async () => {
      const reply = await work();
      if (reply?.kind === 'paid') setPaid({ payment: reply.payment, ...place });
    });
  const topUp = (currency: string) =>
    void attempt(async () => setArrived(await addMoney(currency)));
  const undo = ({ id }: PaymentView) =>
    void attempt(async () => void (await ask('undo', { paymentId: id })), id);

  return { state, fault, busy, paid, failure, arrived, run, topUp, undo, look, tabId };
}

function dismiss({ tabId }: Popup): void {
  const dropped = tabId === undefined ? Promise.resolve() : ask('dismiss', { tabId });
  void dropped.then(closeScreen);
}

function visit({ tabId }: Popup, payment: PaymentView): void {
  if (tabId !== undefined) void ask('visit', { url: payment.url, tabId }).then(closeScreen);
}

function placeOf({ allowance, currency }: AskView, { state }: Popup): Place {
  return { limits: allowance && { ...allowance, currency }, site: state?.site };
}

/** A block is taken back; what the page asks for is then asked. */
async function askAgain({ state, look }: Popup): Promise<void> {
  if (state?.site) await ask('ask-again', { host: state.site.host });
  await look();
}

function TabScreen({ tab, wallet, popup }: { tab: TabView; wallet: WalletView; popup: Popup }) {
  const { busy, run, look, tabId, state } = popup;
  if (tab.kind === 'ask')
    return (
      <AskScreen
        ask={tab}
        wallet={wallet}
        topUp={TOP_UP_AMOUNT}
        busy={busy}
        canRemember={state?.site?.isLetIn ?? false}
        onPay={(remember) =>
          void run(() => ask('pay', { askId: tab.id, remember }), placeOf(tab, popup))
        }
        onAddMoney={() => popup.topUp(tab.currency)}
        onDismiss={() => dismiss(popup)}
      />
    );
  if (tab.kind === 'unpayable')
    return (
      <UnpayableNote
        code={tab.code}
        onAskAgain={() => void askAgain(popup)}
        onRetry={() => void look()}
        onClose={closeScreen}
      />
    );
  const { payment } = tab;
  if (tab.kind === 'owned')
    return (
      <OwnedNote
        payment={payment}
        busy={busy}
        onAct={() => void run(() => ask('reopen', { paymentId: payment.id, tabId }))}
      />
    );
  if (tab.kind === 'refused')
    return <RefusedNote payment={payment} busy={busy} onAct={() => visit(popup, payment)} />;
  if (payment.fetching) return <FetchingNote payment={payment} fetching={payment.fetching} />;
  if (payment.state === 'intended')
    return <ServiceNote payment={payment} providerHost={wallet.providerHost} />;
  const retry = () => void run(() => ask('retry', { paymentId: payment.id }));
  return (
    <WaitingNote payment={payment} busy={busy} onAct={retry}>
      {state?.site && <ReachButton site={state.site} onChanged={look} />}
    </WaitingNote>
  );
}

/** Whether there never was a wallet, or another browser has removed this one from it. */
function useRemoved(): boolean {
  const [removed, setRemoved] = useState(false);
  useEffect(() => void ask('standing', {}).then((it) => setRemoved(it === 'revoked')), []);
  return removed;
}

function SetUp({ tabId }: Pick<Popup, 'tabId'>) {
  const isRemoved = useRemoved();
  return (
    <section class="note">
      <h1 class="ask-seller">{say(isRemoved ? 'removed' : 'notSetUp')}</h1>
      <p>{say(isRemoved ? 'removedNote' : 'takesMinute')}</p>
      <Button kind="main" onPress={() => void openWelcome(tabId).then(closeScreen)}>
        {say('setUp')}
      </Button>
    </section>
  );
}

function PaidScreen({ paid, wallet, popup }: { paid: Paid; wallet: WalletView; popup: Popup }) {
  // As it is by now: it may have been undone.
  const payment = wallet.latest.find(({ id }) => id === paid.payment.id) ?? paid.payment;
  const site = popup.state?.site ?? paid.site;
  const limits = site?.oneClick ?? paid.limits;
  return (
    <PaidNote {...{ payment, wallet, busy: popup.busy }} onAct={closeScreen} onUndo={popup.undo}>
      {site && limits && (
        <OneClickSwitch site={site} limits={limits} paymentId={payment.id} onChanged={popup.look} />
      )}
    </PaidNote>
  );
}

/** The heading of what has none to be seen. */
function Name() {
  return <h1 class="hidden">Farthing</h1>;
}

function isShort(tab: TabView | undefined): boolean {
  return tab?.kind === 'ask' && tab.short !== undefined;
}

function Content({ popup }: { popup: Popup }) {
  const { state, paid } = popup;
  if (!state)
    return (
      <>
        <Name />
        <p class="soft">{say('moment')}</p>
      </>
    );
  if (!state.wallet) return <SetUp tabId={popup.tabId} />;
  if (paid) return <PaidScreen paid={paid} wallet={state.wallet} popup={popup} />;
  const { wallet, site, links } = state;
  // The question is short of what the card has yet to pay: it goes on after that.
  const isWaiting = wallet.topUp?.state === 'begun' && isShort(state.tab);
  const tab = isWaiting ? undefined : state.tab;
  const isShut = site?.isShut === true && !site.isLetIn;
  return (
    <>
      {!tab && !isShut && <Name />}
      {!tab && isShut && <ShutNote site={site} onChanged={popup.look} />}
      {tab && (
        <div class="tab">
          <TabScreen tab={tab} wallet={wallet} popup={popup} />
        </div>
      )}
      <CardNote wallet={wallet} onChanged={popup.look} />
      {!tab && !isShut && links && (
        <LinksNote links={links} currency={wallet.currency} isLetIn={site?.isLetIn === true} />
      )}
      {!tab && <SafetyNote wallet={wallet} />}
      {tab?.kind !== 'ask' && (
        <NowScreen
          wallet={wallet}
          fault={popup.fault}
          site={site}
          isEverySite={state.isEverySite}
          onChanged={popup.look}
          onOpen={(it) => visit(popup, it)}
          onUndo={popup.undo}
          topUp={TOP_UP_AMOUNT}
          busy={popup.busy}
          onAddMoney={() => popup.topUp(wallet.currency)}
        />
      )}
      {tab?.kind !== 'ask' && <SafetyLink />}
    </>
  );
}

export function PopupScreen() {
  const popup = usePopup();
  return (
    <main class="popup" aria-busy={popup.busy}>
      <Content popup={popup} />
      <p class="hidden" role="status">
        {popup.arrived}
      </p>
      {popup.failure !== undefined && (
        <p class="notice" role="alert">
          {popup.failure.text}{' '}
          {popup.failure.paymentId !== undefined && (
            <ReportLink paymentId={popup.failure.paymentId} />
          )}
        </p>
      )}
    </main>
  );
}
