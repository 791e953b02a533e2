/** First run: one screen, three sentences, one button (screens.md 2.1). */
import '../../design/tokens.css';
import '../../design/components.css';
import '../recovery/recovery.css';
import './welcome.css';
import { useEffect, useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { ask, onChange, openPage } from '../../extension/screen.ts';
import type { Standing } from '../../wallet/account/keeping.ts';
import type { ProviderView } from '../../wallet/account/provider.ts';
import type { WalletView } from '../../wallet/view.ts';
import { say } from '../../words/say.ts';
import { FirstPageLink } from '../firstpage.tsx';
import { PlayMark } from '../play.tsx';
import { OthersNote } from '../recovery/others.tsx';
import type { RestoreScreen } from '../recovery/restore.tsx';
import { Said } from '../said.tsx';
import { callText } from '../words.ts';

/** The wallet service that the button opens an account at; `#provider=` names another. */
const PROVIDER_DEFAULT = import.meta.env.WXT_PROVIDER || 'localhost:4010';

/** The address's fragment, which is never sent anywhere: which service, and where to go back to. */
function parameter(name: 'provider' | 'back'): string | undefined {
  return new URLSearchParams(location.hash.slice(1)).get(name) ?? undefined;
}

function Pitch() {
  return (
    <>
      <p class="lead">{say('pitch')}</p>
      <p class="lead">{say('pitchPay')}</p>
      <p>{say('pitchPrivacy')}</p>
    </>
  );
}

interface ServiceProps {
  readonly provider: string;
  readonly onChoose: (provider: string) => void;
}

function ServiceField({ provider, onChoose }: ServiceProps) {
  return (
    <label class="field">
      {say('service')}
      <input
        value={provider}
        spellcheck={false}
        onChange={(event) => onChoose(event.currentTarget.value)}
      />
    </label>
  );
}

/** Meets the service that is chosen: what it gives, or why it cannot be reached. */
function useService(provider: string) {
  const [service, setService] = useState<ProviderView>();
  const [failure, setFailure] = useState<string>();
  const attempt = async (work: () => Promise<void>) => {
    setFailure(undefined);
    try {
      await work();
    } catch (error) {
      setFailure(`${provider}: ${callText(error)}`);
    }
  };
  const meet = () => attempt(async () => setService(await ask('meet', { provider })));
  useEffect(() => {
    setService(undefined);
    void meet();
  }, [provider]);
  return { service, failure, attempt, meet };
}

function StartLabel({ starter, currency }: Pick<ProviderView, 'starter' | 'currency'>) {
  if (starter === '0') return say('createWallet');
  return <Said>{({ amount }) => say('startWith', { amount: amount(starter, currency) })}</Said>;
}

/** Loaded when it is asked for: the list of words is longer than all the rest. */
function useRestoreScreen() {
  const [screen, setScreen] = useState<{ readonly Restore: typeof RestoreScreen }>();
  const open = () =>
    void import('../recovery/restore.tsx').then((it) => setScreen({ Restore: it.RestoreScreen }));
  return { screen, open, close: () => setScreen(undefined) };
}

interface StartProps {
  readonly onOpened: () => Promise<void>;
  readonly onRestored: () => Promise<void>;
}

function Start({ onOpened, onRestored }: StartProps) {
  const [provider, setProvider] = useState(parameter('provider') ?? PROVIDER_DEFAULT);
  const { screen, open: openRestore, close: closeRestore } = useRestoreScreen();
  const [choosing, setChoosing] = useState(false);
  const [busy, setBusy] = useState(false);
  const { service, failure, attempt, meet } = useService(provider);

  async function open(): Promise<void> {
    setBusy(true);
    await attempt(async () => {
      await ask('open-account', { provider });
      await onOpened();
    });
    setBusy(false);
  }

  const notice = failure !== undefined && (
    <p class="notice" role="alert">
      {failure}
    </p>
  );
  const chosen = choosing ? (
    <ServiceField provider={provider} onChoose={setProvider} />
  ) : (
    <p class="soft">
      {service ? say('atService', { name: service.name, host: provider }) : provider}
      {service?.sandbox && ` (${say('playMoney')})`} ·{' '}
      <Button kind="link" onPress={() => setChoosing(true)}>
        {say('otherService')}
      </Button>
    </p>
  );
  if (screen)
    return (
      <screen.Restore provider={provider} onRestored={onRestored} onCancel={closeRestore}>
        {chosen}
        {notice}
      </screen.Restore>
    );
  return (
    <>
      <Pitch />
      {service ? (
        <Button kind="main" busy={busy} onPress={() => void open()}>
          {busy ? say('moment') : <StartLabel {...service} />}
        </Button>
      ) : (
        <Button busy={!failure} onPress={() => void meet()}>
          {say(failure ? 'tryAgain' : 'moment')}
        </Button>
      )}
      {notice}
      {chosen}
      <p class="soft">
        <Button kind="link" onPress={openRestore}>
          {say('usedBefore')}
        </Button>
      </p>
    </>
  );
}

/** A browser's toolbar with the puzzle piece and the pin; Firefox has no such pin. */
function PinPicture() {
  return (
    <svg class="pin" viewBox="0 0 320 96" aria-hidden="true">
      <rect x="1" y="1" width="318" height="38" rx="10" class="pin-frame" />
      <rect x="14" y="11" width="206" height="18" rx="9" class="pin-bar" />
      <path d="M244 11h7a4 4 0 0 1 8 0h7v7a4 4 0 0 1 0 8v5h-22z" class="pin-icon" />
      <circle cx="299" cy="20" r="8" class="pin-bar" />
      <rect x="120" y="46" width="180" height="44" rx="10" class="pin-frame" />
      <path d="M141 58.2a10 10 0 1 0 10 10.8h-8a2 2 0 0 1-2-2z" class="pin-coin" />
      <path d="M143.5 58a10 10 0 0 1 8 8h-8z" class="pin-quarter" />
      <text x="160" y="73" class="pin-text">
        Farthing
      </text>
      <path d="M268 58l12 12-4 1-4 5 1 5-5-5-7 7 6-8-5-5 5 1 5-4z" class="pin-icon" />
    </svg>
  );
}

function Pinning() {
  const isFirefox = /\bFirefox\//.test(navigator.userAgent);
  return (
    <section>
      <p>{say('pin')}</p>
      <ol class="pin-steps">
        <li>{say('pinOpen')}</li>
        <li>{say(isFirefox ? 'pinFirefox' : 'pinChromium')}</li>
      </ol>
      {!isFirefox && <PinPicture />}
    </section>
  );
}

/** An account that is on its way goes on by itself, also after the page was closed. */
function Restoring({ onOther }: { readonly onOther: () => void }) {
  return (
    <>
      <p class="lead" role="status">
        {say('restoring')}
      </p>
      <p>{say('restoringNote')}</p>
      <Button kind="link" onPress={onOther}>
        {say('beginDifferently')}
      </Button>
    </>
  );
}

function Ready({ wallet, isBack }: { wallet: WalletView; isBack: boolean }) {
  const back = parameter('back');
  const isPage = back !== undefined && /^https?:/.test(URL.parse(back)?.protocol ?? '');
  return (
    <>
      <p class="lead" role="status">
        <Said>
          {({ balance }) => say('ready', { yours: balance(wallet.yours, wallet.currency) })}
        </Said>{' '}
        <PlayMark wallet={wallet} />
      </p>
      {isBack && <OthersNote />}
      <Pinning />
      {isPage ? (
        <a class="button button-main" href={back}>
          {say('backToPage')}
        </a>
      ) : isBack || wallet.latest.length > 0 ? (
        <Button kind="main" onPress={() => void openPage('/page.html')}>
          {say('allHistory')}
        </Button>
      ) : (
        <FirstPageLink wallet={wallet}>
          <p class="soft">{say('thenPress')}</p>
        </FirstPageLink>
      )}
    </>
  );
}

export function WelcomeScreen() {
  const [wallet, setWallet] = useState<WalletView>();
  const [standing, setStanding] = useState<Standing>();
  const [isBack, setBack] = useState(false);
  const look = async () => {
    const now = await ask('standing', {});
    if (now === 'restoring') setBack(true);
    setWallet((await ask('state', { tabId: undefined })).wallet);
    setStanding(now);
  };
  useEffect(() => {
    onChange(() => void look());
    void look();
  }, []);
  const onRestored = async () => {
    setBack(true);
    await look();
  };
  return (
    <main class="welcome" aria-busy={!standing}>
      <h1>Farthing</h1>
      {standing === 'open' && wallet && <Ready wallet={wallet} isBack={isBack} />}
      {standing === 'restoring' && <Restoring onOther={() => setStanding('none')} />}
      {(standing === 'none' || standing === 'revoked') && (
        <Start onOpened={look} onRestored={onRestored} />
      )}
    </main>
  );
}
