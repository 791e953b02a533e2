/** What the newspaper prints. An article without a price is free. */

export interface Article {
  readonly path: string;
  readonly title: string;
  /** One or two sentences for the front page. */
  readonly standfirst: string;
  readonly section: string;
  /** `0.02 USD`; undefined: free. */
  readonly price?: string;
  readonly paragraphs: readonly string[];
}

/** Paragraphs stand apart by an empty line. */
function prose(text: string): readonly string[] {
  return text.split('\n\n').map((paragraph) => paragraph.trim().replace(/\s+/g, ' '));
}

export type SoldArticle = Article & { readonly price: string };

/** Sold by the tags of its own page: the link to it is like any other. */
export const WEEKEND: SoldArticle = {
  path: '/weekend/paper',
  title: 'Paper from a wasp',
  section: 'Weekend',
  price: '0.03 USD',
  standfirst: 'For centuries we made paper of worn-out shirts. Then somebody looked at a nest.',
  paragraphs: prose(`
    Paper is a felt of fibres that were once part of a plant. Beat linen rags in water until they
    come apart into threads too fine to see, lift a sieve through the cloudy broth, and a wet
    sheet stays behind. As it dries, each fibre takes hold of its neighbours without any glue at
    all. That was the whole art, from Samarkand to Fabriano, and it ate shirts.

    By 1700 Europe was printing more than it wore out. Rags were bought from beggars and hoarded
    by mills; some countries forbade burying the dead in linen. René de Réaumur, who was supposed
    to be studying insects, noticed that wasps had a perfectly good paper, and that no wasp owned
    a shirt. They scraped it from old wood.

    He said so, and made none himself. It took another century for anyone to get the fibres out of
    a log: first by holding it against a wet grindstone, later by boiling the chips until what
    glued them together was gone.

    Then paper became so cheap that it could be used once and thrown away in the evening. The
    newspaper is the daily work of a wasp, only larger, and somewhat less likely to sting.
  `),
};

export const ARTICLES: readonly Article[] = [
  {
    path: '/articles/stale-bread',
    title: 'Stale bread is not dry',
    section: 'Kitchen',
    standfirst: 'A loaf goes hard in a closed tin, where no water can leave it. So what happened?',
    paragraphs: prose(`
      Put a fresh loaf into a tight tin and weigh it a day later: it weighs the same, and it is
      stale all the same. Staling is not drying. It is a rearrangement.

      In the oven the starch in flour swells with water and its long molecules come loose, which
      is what makes a crumb soft. As the loaf cools they begin to find each other again. They fold
      back into small, stiff crystals, and these hold water so tightly that the tongue no longer
      feels it. The bread has kept its water and hidden it.

      Cold hastens this. A refrigerator, a few degrees above freezing, stales bread several times
      faster than a kitchen table does; a freezer stops it, because nothing can move any more.

      And heat undoes it. Warm a stale slice past sixty degrees and the crystals melt, the water
      comes back, and for ten minutes or so you have yesterday’s loaf as it was. That is why toast
      was invented, and why it cannot wait.
    `),
  },
  {
    path: '/articles/railway-time',
    title: 'When noon was a local matter',
    section: 'Time',
    standfirst:
      'Until the railways came, every town kept its own clock, and nobody was ever late for it.',
    paragraphs: prose(`
      Noon is when the sun stands highest, and it does so a little later for each step west.
      Bristol’s noon comes about ten minutes after London’s. For most of history this troubled no
      one: a coach took the day for the journey, and its guard carried a watch that was made to
      lose the difference on the way.

      Then a train made the journey in four hours, by a timetable. A timetable needs one clock.
      Passengers who read their own church tower missed their trains, and two trains on a single
      track, each punctual by its own town, could meet.

      The railway companies settled it among themselves. They took the time of the Greenwich
      observatory, sent it down the telegraph each morning, and set their station clocks by it.
      The towns held out for years. Some clocks grew a second minute hand, one for the sun and one
      for the station.

      In the end the station won everywhere, as it usually does. When parliament made one time the
      law, it only wrote down what the trains had already decided.
    `),
  },
  {
    path: '/articles/starlings',
    title: 'Seven neighbours',
    section: 'Birds',
    standfirst:
      'Ten thousand starlings turn as one, and not one of them is leading. Each watches seven.',
    paragraphs: prose(`
      On winter evenings starlings gather above their roost and pour across the sky like smoke.
      For a long time people looked for the leader. There is none.

      Physicists in Rome put cameras on a museum roof, measured where each bird was, and worked
      out whom it was following. The answer was a number: about seven. A starling keeps an eye on
      the six or seven birds nearest to it, however near or far those happen to be, flies as they
      fly, and does not collide. That is the whole rule.

      It matters that they count neighbours and not metres. When a falcon drives through the flock
      and stretches it thin, each bird still has its seven, and the flock holds together. Were
      they to mind everyone within two metres, the first gap would tear it in half.

      The turn begins with one bird that has a reason. Its neighbours copy it, and theirs copy
      them, faster than a falcon can follow. What looks like one mind is gossip, very quick and
      quite reliable.
    `),
  },
  {
    path: '/articles/tides',
    title: 'How tides work',
    section: 'Sea',
    price: '0.02 USD',
    standfirst:
      'The moon pulls the sea towards it. Then why is there a second tide on the far side?',
    paragraphs: prose(`
      The moon pulls on everything, but it pulls harder on what is nearer. The water on the moon’s
      side of the Earth is pulled a little more than the Earth itself, and heaps up. The water on
      the far side is pulled a little less, and is left behind, which heaps it up as well. Two
      bulges, one towards the moon and one away; and the Earth turns beneath both of them in a
      day.

      That gives two high tides, some twelve hours and twenty-five minutes apart: the odd minutes
      are because the moon has moved on while we turned. The sun does the same, less than half as
      strongly. When the two line up, at new and full moon, the tides are great. When they stand
      at a right angle they nearly quarrel it out.

      All this moves the open ocean by less than a metre. What you see on a beach is that small
      rise running up against a continent. In a funnel of the right length the water sloshes in
      time with the moon, as in a bathtub, and climbs as high as a house.

      Slowly, it also costs something. The bulges drag on the turning Earth, our day grows by two
      thousandths of a second in a century, and the moon, paid in kind, drifts off by as much as a
      fingernail grows.
    `),
  },
  {
    path: '/articles/reef-sharks',
    title: 'The reef shark’s day',
    section: 'Sea',
    price: '0.01 USD',
    standfirst:
      'By day it loafs with its friends in a current. The work begins when the light goes.',
    paragraphs: prose(`
      A grey reef shark has to keep moving to breathe, and swimming is work. So by day, when
      hunting is poor, it looks for a place where the sea does the work: a channel through the
      reef where the tide runs, and where water is pushed up along a slope. There it can hang
      almost still with its mouth a little open.

      People with tags and patience found that the sharks take turns, as in a queue at a slide.
      One glides along the updraught to its end, drops out, swims back to the start and goes
      again. It saves a fifth of the effort, and the whole group does it in an order that nobody
      seems to enforce.

      The company is not chance. Tags show the same animals together for years, leaving at dusk
      for separate hunting grounds and coming home to the same corner of the reef by morning.

      Why come home at all? Perhaps for the news. A shark that returns well fed is worth following
      out the next evening, and a crowd is a fine place to see who has eaten.
    `),
  },
  {
    path: '/articles/lighthouses',
    title: 'A lamp you can see twenty miles',
    section: 'Coast',
    price: '0.0025 USD',
    standfirst:
      'The flame was never the trouble. Most of its light went up, down and out to the fields.',
    paragraphs: prose(`
      An oil lamp shines in all directions, and a ship is in only one. For centuries a lighthouse
      wasted nearly everything it burnt. Mirrors helped a little, until the smoke blackened them.

      A lens would do better, but a lens large enough to catch the light of a lamp close by would
      be a lump of glass as thick as a man, and would swallow what it caught. In 1822 Augustin
      Fresnel saw that only the surface of a lens bends light; the glass inside is mere stuffing.
      He left it out. What remained was a set of thin rings, each with the slope that the thick
      lens would have had in that place.

      Stacked around the lamp like a glass beehive, the rings turned its light into one flat beam.
      The first of them could be seen over twenty miles out, as far as the curve of the Earth
      allowed.

      Turn the beehive and the beam sweeps; leave out some rings and it blinks. So every light got
      a rhythm of its own, and a sailor who could count knew where he was.
    `),
  },
  WEEKEND,
];

/** The one that lies at `path`. */
export function articleAt(path: string): Article | undefined {
  return ARTICLES.find((article) => article.path === path);
}
