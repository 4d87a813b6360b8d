// The bank of comments: DataTables (from itables) over the rows in the page, filters, and links to them:
// #quotes/GROUP/CODE, where GROUP may be "all", CODE is a code, family or sentiment, and /SENTIMENT may follow.
// All text in the rows was escaped when the page was made, and goes into the page as it is.
const root = document.getElementById('quote-bank');
const read = (name) => JSON.parse(document.getElementById(name).textContent);
const { rows, coders, groups, moods, codes, families, number, words } = read('bank-data');
const address = URL.createObjectURL(new Blob([read('bank-library')], { type: 'text/javascript' }));
const { default: DataTable } = await import(address);
URL.revokeObjectURL(address);

const filters = ['group', 'code', 'mood'].map((name) => document.getElementById(`bank-${name}`));
const [group, code, mood] = filters;
const search = document.getElementById('bank-search');
const behind = root.querySelector('.bank-behind');
const status = root.querySelector('.bank-status');

const count = (n) => (n < number.from ? `${n}` : `${n}`.replace(/\B(?=(\d{3})+$)/g, number.thousands));
const line = (text, tag = 'span', more = '') => (text ? `<${tag}${more}>${text}</${tag}>` : '');
const comment = ([text, language, of, brand, month]) =>
  line(text, 'span', language && ` lang="${language}"`) + line([groups[of].name, brand, month].filter(Boolean).join(' · '), 'small');
const coding = ([, , , , , felt, by, given, coder]) => {
  const sentiment = felt < 0 ? '' : line(moods[felt].name) + (by === coder ? '' : line(coders[by], 'small'));
  const named = given.map((place) => codes[place].name).join(', ') || words.no_codes;
  return sentiment + line(named) + line(coders[coder], 'small');
};
const column = (write) => ({ data: null, defaultContent: '', type: 'string', render: (row, kind) =>
  (kind === 'filter' ? write(row).replace(/<\/?(span|small)[^>]*>/g, ' ') : write(row)) });

const table = new DataTable(root.querySelector('table'), {
  data: rows,
  columns: [column(comment), column(coding)],
  ordering: false,
  autoWidth: false,
  pageLength: 10,
  layout: { topStart: null, topEnd: null, bottomStart: { paging: { type: 'simple_numbers' } }, bottomEnd: null },
  language: {
    zeroRecords: words.nothing,
    emptyTable: words.nothing,
    paginate: { previous: words.previous, next: words.next },
    aria: { paginate: { previous: words.previous, next: words.next, number: words.page } },
  },
  drawCallback() {
    const shown = this.api().rows({ search: 'applied' }).count();
    const told = words.shown.replace('{shown}', count(shown)).replace('{all}', count(rows.length));
    if (status.textContent !== told) status.textContent = told;
    root.querySelector('nav')?.setAttribute('aria-label', words.pages);
  },
});

const member = (place) => codes[place].code === code.value || families[code.value]?.includes(place);
table.search.fixed('filters', (text, row) =>
  (!group.value || groups[row[2]].group === group.value)
  && (!mood.value || moods[row[5]]?.mood === mood.value)
  && (!code.value || row[7].some(member)));

const show = () => {
  const chosen = filters.filter((filter) => filter.value).map((filter) => filter.selectedOptions[0].label);
  const what = [...chosen, ...(search.value ? [`«${search.value}»`] : [])].join(' · ');
  behind.firstElementChild.textContent = words.behind.replace('{what}', () => what);
  behind.hidden = !what;
  table.search(search.value).draw();
};
const set = (filter, wanted) => {
  filter.value = [...filter.options].some(({ value }) => value === wanted) ? wanted : '';
};
const follow = () => {
  const [place, ...parts] = location.hash.slice(1).split('/');
  if (place !== 'quotes' || !parts.length) return;
  let wanted = [];
  try { wanted = parts.map(decodeURIComponent); } catch { /* no link of ours: show all */ }
  const felt = wanted.slice(1).find((name) => moods.some((each) => each.mood === name));
  set(group, wanted[0]);
  set(mood, felt);
  set(code, wanted.slice(1).find((name) => name !== felt));
  search.value = '';
  show();
  root.scrollIntoView();
  root.focus({ preventScroll: true });
};
const remember = () => { // so that the same link works again after a change by hand
  const parts = [group.value || 'all', ...[code.value, mood.value].filter(Boolean)].map(encodeURIComponent);
  try { history.replaceState(null, '', `#quotes/${parts.join('/')}`); } catch { /* a page within a page */ }
  show();
};
filters.forEach((filter) => filter.addEventListener('change', remember));
search.addEventListener('input', show);
behind.querySelector('button').addEventListener('click', () => {
  for (const each of [...filters, search]) each.value = '';
  remember();
  group.focus();
});
window.addEventListener('hashchange', follow);
follow();
root.dataset.ready = 'yes';
