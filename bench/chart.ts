import { gateway } from './candidates/gateway.ts';
import { straight, straightTls } from './candidates/straight.ts';
import type { Figures, Measured } from './figures.ts';

type Panel = { readonly title: string; readonly figureOf: (measured: Measured) => number };

const panels: readonly Panel[] = [
  {
    title: 'Requests per second on one core (more is better)',
    figureOf: ({ requestsPerSecond }) => requestsPerSecond.median,
  },
  { title: 'CPU µs per request (less is better)', figureOf: ({ cpuMicroseconds }) => cpuMicroseconds.median },
];

const width = 820;
const nameWidth = 170;
const valueWidth = 70;
const rowHeight = 24;
const titleHeight = 40;

const style = `text { font: 13px system-ui, sans-serif; fill: #1f2328; } .title { font-weight: 600; }
rect { fill: #8c959f; } .ours { fill: #0969da; }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3; } rect { fill: #6e7681; } .ours { fill: #4493f8; } }`;

/**
 * Bars of the medians, in SVG for light and dark pages. Without the straight ways to the upstream, beside which no bar
 * could be seen.
 */
export function chart({ results }: Figures): string {
  const shown = results.filter(({ name }) => name !== straight.name && name !== straightTls.name);
  const panelHeight = titleHeight + shown.length * rowHeight;
  const height = panels.length * panelHeight + 12;
  const drawn = panels.map((panel, index) => drawPanel(panel, shown, index * panelHeight));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">
<title>Requests per second and CPU time per request, for each candidate</title>
<style>
${style}
</style>
${drawn.join('\n')}
</svg>
`;
}

function drawPanel({ title, figureOf }: Panel, shown: readonly Measured[], top: number): string {
  const most = Math.max(...shown.map(figureOf));
  const rows = shown.map((each, index) => {
    const y = top + titleHeight + index * rowHeight;
    const length = ((width - nameWidth - valueWidth) * figureOf(each)) / most;
    const kind = each.name.startsWith(gateway.name) ? ' class="ours"' : '';
    return `<text x="${nameWidth - 10}" y="${y + 13}" text-anchor="end">${each.name}</text>
<rect${kind} x="${nameWidth}" y="${y}" width="${length.toFixed(1)}" height="${rowHeight - 7}" rx="2"/>
<text x="${(nameWidth + length + 6).toFixed(1)}" y="${y + 13}">${figureOf(each).toFixed(0)}</text>`;
  });
  return [`<text class="title" x="0" y="${top + 25}">${title}</text>`, ...rows].join('\n');
}
