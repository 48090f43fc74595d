import { find } from './element.ts';

export type Tabs<Name extends string> = { select(name: Name): void };

/** The keyboard goes from tab to tab with the arrow keys, as the ARIA pattern has it. */
export function createTabs<Name extends string>(names: readonly Name[], onSelect: (name: Name) => void): Tabs<Name> {
  const tabs = names.map((name) => ({
    name,
    tab: find(`tab-${name}`, HTMLButtonElement),
    panel: find(name, HTMLElement),
  }));
  const select = (wanted: Name): void => {
    for (const { name, tab, panel } of tabs) {
      const isSelected = name === wanted;
      tab.setAttribute('aria-selected', String(isSelected));
      tab.tabIndex = isSelected ? 0 : -1;
      panel.hidden = !isSelected;
    }
    onSelect(wanted);
  };
  for (const [index, { name, tab }] of tabs.entries()) {
    tab.addEventListener('click', () => select(name));
    tab.addEventListener('keydown', ({ key }) => {
      const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
      const next = step === 0 ? undefined : tabs.at((index + step) % tabs.length);
      if (next === undefined) return;
      select(next.name);
      next.tab.focus();
    });
  }
  return { select };
}
