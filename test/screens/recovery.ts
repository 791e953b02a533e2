/** Browsers and recovery, in every state. */
import { device, safetyWith } from './rows.ts';
import { type Answers, gives, type State, type States } from './state.ts';

function recovery(answers: Answers, acts: State['acts'] = []): State {
  return { path: '/recovery.html', answers: { standing: gives('open'), ...answers }, acts };
}

const kept = { safety: gives(safetyWith()) };
const LINKS = '.device:nth-child(2) .device-links';

export const RECOVERY: States = {
  loading: recovery({ safety: 'never' }),
  'no wallet': recovery({ standing: gives('none') }),
  unsafe: recovery({ safety: gives(safetyWith({ kinds: [], copy: undefined, devices: [] })) }),
  kept: recovery(kept),
  'called the same': recovery({
    safety: gives(safetyWith({ devices: [device(), device({ kid: 'k2', isThis: false })] })),
  }),
  'both ways': recovery({ safety: gives(safetyWith({ kinds: ['words', 'passkey'] })) }),
  'copy full': recovery({ safety: gives(safetyWith({ copy: 'full', damaged: 2 })) }),
  failed: recovery({ safety: { code: 'provider_unreachable' } }),
  'the words': { ...recovery(kept, ['.buttons .button:last-child']), until: '.words' },
  'the words, asked back': recovery(kept, ['.buttons .button:last-child', '.button-main']),
  'the words, wrong': recovery(kept, [
    '.buttons .button:last-child',
    '.button-main',
    '.two + .buttons .button-main',
  ]),
  naming: recovery(kept, [`${LINKS} button:first-child`]),
  removing: recovery(kept, [`${LINKS} button:last-child`]),
};
