/** A page that leads to what is for sale: what that costs, and what to do. */
import { GLYPH_BOX, GLYPHS } from '../../extension/glyphs.ts';
import type { LinksView } from '../../extension/messages.ts';
import { say, sayCount } from '../../words/say.ts';
import { Said } from '../said.tsx';

/** The marks that stand beside links where the wallet is let in, and what each says. */
const MARKS = ['asks', 'one-click', 'yours'] as const;
const SAID = { asks: 'asksFirst', 'one-click': 'ruleOneClick', yours: 'isYours' } as const;

function Marks() {
  return (
    <ul class="marks">
      {MARKS.map((mark) => (
        <li key={mark}>
          <svg aria-hidden="true" viewBox={GLYPH_BOX}>
            {GLYPHS[mark].map(({ shape, style }) => (
              <path key={shape} d={shape} style={style} />
            ))}
          </svg>
          {say(SAID[mark])}
        </li>
      ))}
    </ul>
  );
}

interface LinksProps {
  readonly links: LinksView;
  readonly currency: string;
  /** Whether the wallet is let in here, so that a press on a link reaches it. */
  readonly isLetIn: boolean;
}

export function LinksNote({ links, currency, isLetIn }: LinksProps) {
  const { count, least, most } = links;
  return (
    <section class="links">
      <p class="ask-title">
        <Said>
          {({ amount }) => {
            const [low, high] = [amount(least, currency), amount(most, currency)];
            const price = low === high ? low : say('priceRange', { least: low, most: high });
            return sayCount('linksHere', count, { price });
          }}
        </Said>
      </p>
      <p class="soft">{say(isLetIn ? 'linksPress' : 'linksOpen')}</p>
      {isLetIn && <Marks />}
    </section>
  );
}
