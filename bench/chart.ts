import { gateway } from './candidates/gateway.ts';
import { straight } from './candidates/straight.ts';
import type { Figures, Measured } from './figures.ts';

type Panel = { readonly title: string; readonly figureOf: (measured: Measured) => number };

const panels: readonly Panel[] = [
  {
    title: 'Requests per second on one core (more is better)',
    figureOf: ({ requestsPerSecond }) => requestsPerSecond.median,
  },
  { title: 'CPU µs per request (less is better)', figureOf: ({ cpuMicroseconds }) => cpuMicroseconds.median },
];

const width = 860;
const margin = 24;
const nameWidth = 140;
const barLeft = margin + nameWidth + 10;
const barWidth = width - barLeft - margin - 120;
const barHeight = 17;
const rowHeight = 24;
const titleHeight = 46;
const captionHeight = 20;

/** The ground follows the colours: on a page of the other scheme, text without one could not be read. */
const style = `text { font: 13px system-ui, sans-serif; fill: #1f2328; } .title { font-weight: 600; } .caption { font-size: 12px; fill: #59636e; }
.ground { fill: #fff; stroke: #d1d9e0; } .gap { fill: #fff; } .axis { stroke: #8c959f; }
.bar { fill: #8c959f; } .ours { fill: #0969da; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; } .caption { fill: #9198a1; } .ground { fill: #0d1117; stroke: #3d444d; } .gap { fill: #0d1117; }
  .axis { stroke: #6e7681; } .bar { fill: #6e7681; } .ours { fill: #4493f8; }
}`;

/**
 * Bars of the medians, in SVG for light and dark pages, the fastest candidate first. Without the straight way to the
 * upstream, beside which no bar could be seen.
 */
export function chart(figures: Figures): string {
  const shown = figures.results
    .filter(({ name }) => name !== straight.name)
    .toSorted((one, other) => other.requestsPerSecond.median - one.requestsPerSecond.median);
  const panelHeight = titleHeight + shown.length * rowHeight;
  const captionTop = panels.length * panelHeight + margin;
  const lines = caption(figures);
  const height = captionTop + lines.length * captionHeight + margin / 2;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">
<title>Requests per second and CPU time per request, for each candidate</title>
<style>
${style}
</style>
<rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10"/>
${panels.map((panel, index) => drawPanel(panel, shown, index * panelHeight)).join('\n')}
${lines.map((line, index) => `<text class="caption" x="${margin}" y="${captionTop + 8 + index * captionHeight}">${escaped(line)}</text>`).join('\n')}
</svg>
`;
}

function caption({ date, machine, load, plan }: Figures): string[] {
  const { processor, cores, memoryGb, system, node } = machine;
  return [
    'Blue is directus-gateway. All bars are to scale from zero but one with a gap, which is longer than there is room for.',
    `Medians of ${plan.rounds} rounds of ${plan.seconds} s, ${plan.connections} connections (${load}), measured on ${date}:`,
    `${processor}, ${cores} cores, ${memoryGb} GB, ${system}, Node ${node}`,
  ];
}

function drawPanel({ title, figureOf }: Panel, shown: readonly Measured[], top: number): string {
  const { lengthOf, isCut } = scaleOf(shown.map(figureOf));
  const rows = shown.map((each, index) => {
    const y = top + titleHeight + index * rowHeight;
    const figure = figureOf(each);
    const length = lengthOf(figure);
    const kind = each.name.startsWith(gateway.name) ? 'bar ours' : 'bar';
    return [
      `<text x="${barLeft - 10}" y="${y + 13}" text-anchor="end">${escaped(each.name)}</text>`,
      `<rect class="${kind}" x="${barLeft}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}"/>`,
      ...(isCut(figure) ? [gap(barLeft + length * 0.94, y)] : []),
      `<text x="${(barLeft + length + 6).toFixed(1)}" y="${y + 13}">${words(figure)}${isCut(figure) ? ' (cut)' : ''}</text>`,
    ].join('\n');
  });
  const axis = `<path class="axis" d="M${barLeft} ${top + titleHeight - 4}v${shown.length * rowHeight + 1}"/>`;
  return [`<text class="title" x="${margin}" y="${top + 32}">${title}</text>`, ...rows, axis].join('\n');
}

/** The longest bar is cut where it would squash all others: where it is more than twice the next one. */
function scaleOf(figures: readonly number[]) {
  const [longest = 0, next = longest] = figures.toSorted((one, other) => other - one);
  const cuts = longest > 2 * next;
  const isCut = (figure: number): boolean => cuts && figure === longest;
  const perUnit = cuts ? (0.85 * barWidth) / next : barWidth / longest;
  return { isCut, lengthOf: (figure: number): number => (isCut(figure) ? barWidth : figure * perUnit) };
}

/** A slanted strip of the ground across a bar. */
const gap = (x: number, y: number): string =>
  `<path class="gap" d="M${x.toFixed(1)} ${y - 1}h7l-6 ${barHeight + 2}h-7z"/>`;

const words = (figure: number): string => Math.round(figure).toLocaleString('en-US');

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
