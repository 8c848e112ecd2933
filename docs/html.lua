-- docs/html.lua: the book as HTML.  docs/makehtml gives it, by pandoc's
-- custom reader, noweb's stream of malloc.nw; it writes build/html/*.html,
-- search-data.js and chunks.js there, and build/figures/figures.tex.
--
-- The stream is read into chunks of code and, with a mark for each chunk
-- and quote, one text.  That text is LaTeX; here the book's own commands
-- are carried out, each of them named below, and what is left is LaTeX that
-- pandoc knows.  A command that neither knows stops the build.  Marks are
-- characters of private use around a number: they pass through pandoc as
-- words do, and are exchanged for HTML afterwards.

local B, E = '\u{E000}', '\u{E001}'
local book, out, figdir = 'build/book/', 'build/html/', 'build/figures/'

local function die(...)
    io.stderr:write('make html: ', string.format(...), '\n')
    os.exit(1)
end

local function slurp(name)
    local f = io.open(name)
    if not f then return nil end
    local s = f:read('a')
    f:close()
    return s
end

local function spew(name, s)
    local f = io.open(name, 'w') or die('%s cannot be written', name)
    f:write(s)
    f:close()
end

local function esc(s)
    return (s:gsub('&', '&amp;'):gsub('<', '&lt;'):gsub('>', '&gt;')
            :gsub('"', '&quot;'))
end

local function tex(s)  -- as \detokenize has it
    return (s:gsub('[\\{}$&#%%_^~]', function (c)
        return ({['\\'] = '\\textbackslash{}', ['^'] = '\\^{}',
                ['~'] = '\\~{}'})[c] or '\\' .. c
    end))
end

local function plain(html)  -- without tags
    return (html:gsub('<[^>]*>', ''):gsub('%s+', ' '):gsub('^ ', '')
            :gsub(' $', ''))
end
local function decode(s)
    return (s:gsub('&#(%d+);', function (n) return utf8.char(n) end)
            :gsub('&lt;', '<'):gsub('&gt;', '>'):gsub('&quot;', '"')
            :gsub('&amp;', '&'))
end

-- Marks.  What is held is HTML, or a function that gives it at the end.
local held = {}
local function hold(x)
    held[#held + 1] = x
    return B .. #held .. E
end
local function block(x) return '\n\n' .. hold(x) .. '\n\n' end
local function release(s)
    local function give(n)
        local x = held[tonumber(n)]
        if type(x) == 'function' then x = x() end
        return x
    end
    return (s:gsub('<p>' .. B .. '(%d+)' .. E .. '</p>', give)
            :gsub(B .. '(%d+)' .. E, give))
end

-- ---------------------------------------------------------------------
-- The numbers that LaTeX gave.

local number, chunkno = {}, {}
local function readaux()
    local aux = slurp(book .. 'malloc.aux') or die('no %smalloc.aux', book)
    for l, n in aux:gmatch('\\newlabel{([^{}]*)}{{([^{}]*)}') do
        number[l] = n
    end
    for l, n in aux:gmatch('\\newsublabel{([^{}]*)}{{}{(%d+)}}') do
        chunkno[l] = n
    end
end

-- ---------------------------------------------------------------------
-- The stream of noweb.

local chunks, chunkof, text, rawquote = {}, {}, {}, {}
local chunklist, identlist = {}, {}

local function link(label, html)
    local c = chunkof[label] or die('no chunk %s', label)
    return string.format('<a href="%s.html#%s">%s</a>', c.page.name, label,
            html)
end
local function links(labels)
    local t = {}
    for _, l in ipairs(labels) do t[#t + 1] = link(l, chunkno[l]) end
    return table.concat(t, ', ')
end

local function name(s)  -- a chunk's name; [[]] is code
    local h = esc(s):gsub('%[%[(.-)%]%]', '<code>%1</code>')
            :gsub('\\([_&%%#$])', '%1'):gsub("'", '&#8217;')
    if h:find('\\') then die('%s: a command in a chunk\'s name', s) end
    return h
end

local function readstream(stream)
    local chunk, quote, ref, ident, uses, entry  -- what is being read
    local comment  -- within one, in code
    local on = {}  -- by the stream's key words

    -- A piece of code: comments are set apart, a name is linked.
    local function code(s)
        local t, r = '', ident and ref
        while s ~= '' do
            local i, j = s:find(comment and '*/' or '/*', 1, true)
            if not i then
                t = t .. esc(s)
                break
            end
            t = t .. (comment and esc(s:sub(1, j)) .. '</i>' or
                    esc(s:sub(1, i - 1)) .. '<i>/*')
            comment, s = not comment, s:sub(j + 1)
        end
        ident = nil
        return r and function () return link(r, t) end or t
    end
    function on.begin(kind)
        if kind:match('^code') then
            chunk = {lines = {}, defs = {}, uses = {}}
            comment = false
        end
    end
    on['end'] = function (kind)
        if not kind:match('^code') then return end
        chunks[#chunks + 1], chunkof[chunk.label] = chunk, chunk
        text[#text + 1] = '\n\n' .. B .. 'c' .. chunk.label .. E .. '\n\n'
        if chunkno[chunk.label] ~= tostring(#chunks) then
            die('chunk %d is %s in the book: make book first', #chunks,
                    chunkno[chunk.label] or 'not')
        end
        chunk = nil
    end
    function on.quote() quote, comment = {raw = ''}, false end
    function on.endquote()
        local q = quote
        text[#text + 1] = hold(function ()
            local h = ''
            for _, x in ipairs(q) do
                h = h .. (type(x) == 'string' and x or x())
            end
            return '<code>' .. h .. '</code>'
        end)
        rawquote[#held] = q.raw
        quote = nil
    end
    function on.text(s)
        if quote then
            quote.raw = quote.raw .. s
            quote[#quote + 1] = code(s)
        elseif chunk then
            chunk.line[#chunk.line + 1] = code(s)
        else
            text[#text + 1] = s
        end
    end
    function on.nl()
        if quote then
            on.text(' ')
        elseif chunk then
            local l = chunk.line
            if l then  -- it is not that of the name
                l[#l + 1] = comment and '</i>' or ''
                chunk.lines[#chunk.lines + 1] = l
            end
            chunk.line = {comment and '<i>' or ''}
        else
            text[#text + 1] = '\n'
        end
    end
    function on.defn(s) chunk.name, chunk.line = s, nil end
    function on.use(s)
        chunk.line[#chunk.line + 1] = {use = ref, name = s}
    end
    function on.fatal(s) die('noweb: %s', s) end
    -- @xref and @index: on['xref ref'] and the like.
    on['xref ref'] = function (l) ref = l end
    on['xref label'] = function (l)
        if chunk and not chunk.label then chunk.label = l end
    end
    on['xref prevdef'] = function (l) chunk.prevdef = l end
    on['xref nextdef'] = function (l) chunk.nextdef = l end
    on['xref useitem'] = function (l) table.insert(chunk.uses, l) end
    on['index use'] = function () ident = true end
    on['index begindefs'] = function () uses = {} end
    on['index isused'] = function (l) table.insert(uses, l) end
    on['index defitem'] = function (s)
        table.insert(chunk.defs, {s, uses})
        uses = {}
    end
    for what, list in pairs {['xref chunk'] = chunklist,
            ['index entry'] = identlist} do
        on[what .. 'begin'] = function (s)
            local l, n = s:match('^(%S+) (.*)$')
            entry = {label = l, name = n, uses = {}, defs = {}}
            list[#list + 1] = entry
        end
        on[what .. 'use'] = function (l) table.insert(entry.uses, l) end
        on[what .. 'defn'] = function (l) table.insert(entry.defs, l) end
    end

    for l in stream:gmatch('[^\n]+') do
        local key, rest = l:match('^@(%S*) ?(.*)$')
        if key == 'xref' or key == 'index' then
            local word, arg = rest:match('^(%S*) ?(.*)$')
            key, rest = key .. ' ' .. word, arg
        end
        if on[key] then on[key](rest) end
    end
    text = table.concat(text)
end

-- The lines of a chunk as HTML, and the chunk with what belongs to it.
local function lines(c, trim)
    local t, full = {}, 0
    for _, l in ipairs(c.lines) do
        local h, unfold = '', false
        for _, x in ipairs(l) do
            if type(x) == 'function' then
                x = x()
            elseif type(x) == 'table' then
                unfold = true
                x = string.format('<details data-c="%s"><summary>' ..
                        '&#10216;%s&#160;%s&#10217;</summary></details>',
                        x.use, name(x.name), link(x.use, chunkno[x.use]))
            end
            h = h .. x
        end
        if h:find('%S') then
            full = #t + 1
        elseif trim and full == 0 then
            goto continue
        end
        local indent = #h:gsub('^<i>', ''):match('^ *')
        local style = indent > 0 and ' style="--i:' .. math.min(indent,
                unfold and indent or 16) .. '"' or ''
        t[#t + 1] = unfold and '<span class="u"' .. style .. '>' ..
                h:gsub('^ *', '') .. '</span>' or
                '<span class="l"' .. style .. '>' .. h .. '\n</span>'
        ::continue::
    end
    return table.concat(t, '', 1, trim and full or #t)
end

local function render(c)
    local first = c.label:gsub('%-%w+$', '-1')
    local head = string.format('<a class="no" href="#%s">%s</a>' ..
            '<span class="name">&#10216;%s%s&#10217;%s</span>', c.label,
            chunkno[c.label], name(c.name), c.prevdef and '&#160;' ..
            link(first, chunkno[first]) or '',
            c.prevdef and '+&#8801;' or '&#8801;')
    local foot = ''
    if c.prevdef then
        foot = foot .. link(c.prevdef, '&#9665;&#160;' ..
                chunkno[c.prevdef]) .. ' '
    end
    if c.nextdef then
        foot = foot .. link(c.nextdef, chunkno[c.nextdef] ..
                '&#160;&#9655;') .. ' '
    end
    if #c.uses > 0 then
        foot = foot .. 'Used in ' .. links(c.uses) .. '. '
    end
    local defs = {}
    for _, d in ipairs(c.defs) do
        local h = '<a href="indexes.html#i:' .. esc(d[1]) .. '"><code>' ..
                esc(d[1]) .. '</code></a>'
        if #d[2] > 0 and #d[2] <= 12 then
            h = h .. ' (' .. links(d[2]) .. ')'
        elseif #d[2] > 12 then
            h = h .. ' (' .. #d[2] .. ' chunks)'
        end
        defs[#defs + 1] = h
    end
    if #defs > 0 then
        foot = foot .. 'Defines ' .. table.concat(defs, ', ') .. '.'
    end
    return string.format('<div class="chunk" id="%s"><div class="head">%s' ..
            '</div><div class="code">%s</div>%s</div>', c.label, head,
            lines(c, true),
            foot ~= '' and '<div class="foot">' .. foot .. '</div>' or '')
end

-- ---------------------------------------------------------------------
-- The text.

local pages, page = {}, nil
local labels, cur, count = {}, nil, {}  -- cur: what \label would name
local places = {themes = {}, panics = {}, clauses = {}, works = {}}
local bib, figures, floats, tests = {}, {}, {}, {}
local cs, user = {}, {}  -- \csname...\endcsname; \newcommand
local part, chapter, appendix = 0, 0, false

local P = {}  -- a text and a place in it
P.__index = P
function P:space() self.pos = self.s:match('^%s*()', self.pos) end
function P:arg()
    self:space()
    local c = self.s:sub(self.pos, self.pos)
    if c == '{' then
        local i, depth = self.pos, 0
        while true do
            local j = self.s:find('[\\{}]', i)
            if not j then
                die('no end of {%s', self.s:sub(self.pos, self.pos + 40))
            end
            local ch = self.s:sub(j, j)
            i = j + (ch == '\\' and 2 or 1)
            depth = depth + (ch == '{' and 1 or ch == '}' and -1 or 0)
            if depth == 0 then
                local a = self.s:sub(self.pos + 1, j - 1)
                self.pos = i
                return a
            end
        end
    elseif c == '\\' then
        local a = self.s:match('^\\%a+', self.pos) or
                self.s:sub(self.pos, self.pos + 1)
        self.pos = self.pos + #a
        return a
    end
    self.pos = self.pos + 1
    return c
end
function P:opt()
    local a, e = self.s:match('^%s*%[(.-)%]()', self.pos)
    if a then self.pos = e end
    return a
end
function P:upto(s)
    local i, j = self.s:find(s, self.pos, true)
    if not i then die('no %s', s) end
    local a = self.s:sub(self.pos, i - 1)
    self.pos = j + 1
    return a
end

local command, environment = {}, {}

local function scan(s)
    local p = setmetatable({s = s, pos = 1}, P)
    local t = {}
    while true do
        local i = p.s:find('[\\%%]', p.pos)
        t[#t + 1] = p.s:sub(p.pos, (i or 0) - 1)
        if not i then break end
        local word = p.s:match('^\\(%a+)', i)
        if p.s:sub(i, i) == '%' then
            p.pos = p.s:match('^[^\n]*\n?[ \t]*()', i)
        elseif not word then
            t[#t + 1] = p.s:sub(i, i + 1)
            p.pos = i + 2
        elseif command[word] then
            p.pos = i + 1 + #word
            local x = command[word](p)
            if x == false then break end  -- the text's end
            if type(x) == 'table' then  -- a new page begins
                if page then page.tex = table.concat(t) end
                page, t = x, {}
            else
                t[#t + 1] = x
            end
        elseif user[word] then
            p.pos = i + 1 + #word
            local a = {}
            for n = 1, user[word].n do a[n] = p:arg() end
            t[#t + 1] = scan((user[word].body:gsub('#(%d)', function (n)
                return a[tonumber(n)]
            end)))
        else
            t[#t + 1] = p.s:sub(i, i + #word)
            p.pos = i + 1 + #word
        end
    end
    return table.concat(t)
end

local function star(p)
    local s = p.s:match('^%*()', p.pos)
    p.pos = s or p.pos
    return s
end
-- Commands that say nothing on a screen.
for cmd, args in pairs {noindent = 0, centering = 0, raggedright = 0,
        arraybackslash = 0, small = 0, footnotesize = 0, scriptsize = 0,
        normalsize = 0, addlinespace = 0, medskip = 0, smallskip = 0, hfill = 0,
        bigskip = 0, clearpage = 0, newpage = 0, pagebreak = 0, nopagebreak = 0,
        markboth = 2, markright = 1, setlength = 2, vspace = 1, hspace = 1,
        enlargethispage = 1, cmidrule = 1, addcontentsline = 3,
        thispagestyle = 1} do
    command[cmd] = function (p)
        if cmd == 'cmidrule' then
            p.pos = p.s:match('^%([^)]*%)()', p.pos) or p.pos
        end
        if args > 0 or cmd:find('pagebreak') then
            star(p)
            p:opt()
        end
        for _ = 1, args do p:arg() end
        if args == 0 then p:space() end
        return ''
    end
end

function command.quad() return '~~' end

-- Headings.
local function newpage(title, no, kind)
    local q = {title = title, no = no, kind = kind, tex = ''}
    pages[#pages + 1] = q
    count = {figure = 0, table = 0, section = 0, subsection = 0}
    cur = {no = no, page = q}
    return q
end
function command.part(p)
    part = part + 1
    return newpage(scan(p:arg()), ({'I', 'II', 'III', 'IV', 'V', 'VI', 'VII',
            'VIII', 'IX', 'X'})[part], 'part')
end
function command.appendix() appendix, chapter = true, 0; return '' end
function command.chapter(p)
    local no
    if not star(p) and part > 0 then
        chapter = chapter + 1
        no = appendix and string.char(64 + chapter) or tostring(chapter)
    end
    p:opt()
    return newpage(scan(p:arg()), no, 'chapter')
end
local function heading(level, prefix, p)
    local starred = star(p)
    local no, id
    if not starred and cur.page.no then
        count[level] = count[level] + 1
        if level == 'section' then
            count.subsection = 0
            no = cur.page.no .. '.' .. count.section
        else
            no = cur.page.no .. '.' .. count.section .. '.' ..
                    count.subsection
        end
    end
    count.head = (count.head or 0) + 1
    id = no and 's' .. no or 'h' .. count.head
    cur = {no = no, page = cur.page}
    local mark = hold {id = id, no = no}
    return '\n\n' .. prefix .. '{' .. mark .. scan(p:arg()) .. '}\n\n'
end
function command.section(p) return heading('section', '\\section', p) end
function command.subsection(p)
    return heading('subsection', '\\subsection', p)
end
function command.label(p)
    local l = p:arg()
    p:space()
    local q = cur.page
    if number[l] and number[l] ~= cur.no then
        die('%s is %s here and %s in the book: make book first', l,
                cur.no or 'without number', number[l])
    end
    labels[l] = {no = cur.no, page = q}
    if cur.float then
        cur.label = l
        return ''
    elseif l:match('^ch:') or l:match('^app:') then
        q.name = q.name or l:match(':(.*)'):lower():gsub('[^a-z0-9]', '')
    end
    return hold('<a id="' .. l .. '"></a>')
end
local legends = {}  -- a plot's legend is asked for by \ref
local function picture(s)
    figures[#figures + 1] = '\\drawing{' .. s .. '}'
    local n = #figures
    return hold(function ()
        local f = 'figures/' .. n .. '.svg'
        local w, h = (slurp(out .. f) or die('no %s', f))
                :match('width="([%d.]+)[pt]*" height="([%d.]+)')
        return string.format('<a href="%s"><img src="%s" width="%d" ' ..
                'height="%d" alt=""></a>', f, f, w * 1.7 // 1, h * 1.7 // 1)
    end)
end
function command.ref(p)
    local l = p:arg()
    if legends[l] then return picture('\\ref{' .. l .. '}') end
    return hold(function ()
        local x = labels[l] or die('\\ref{%s}: no such label', l)
        if not x.no then die('\\ref{%s}: it has no number', l) end
        return string.format('<a href="%s.html#%s">%s</a>', x.page.name,
                l, x.no)
    end)
end

-- Figures and tables; the picture's own text is for LaTeX.
local function float(kind, title)
    return function (p)
        p:opt()
        local body = p:upto('\\end{' .. kind .. '}')
        count[kind] = count[kind] + 1
        local outer = cur
        cur = {no = outer.page.no .. '.' .. count[kind], page = outer.page,
                float = kind}
        local f = cur
        local t = scan(body)
        if not f.caption then die('%s %s has no caption', kind, f.no) end
        f.id = f.label or kind .. f.no
        floats[#floats + 1] = f
        cur = outer
        return block('<figure class="' .. kind .. '" id="' .. f.id .. '">') ..
                t .. block('<figcaption><a class="no" href="#' .. f.id ..
                '">' .. title .. ' ' .. f.no .. '.</a> ') .. f.caption ..
                block('</figcaption></figure>')
    end
end
environment.figure = float('figure', 'Figure')
environment.table = float('table', 'Table')
function command.caption(p)
    p:opt()
    cur.caption = scan(p:arg())
    return ''
end
function environment.tikzpicture(p)
    if not cur or not cur.float then
        die('a picture outside of figures has no caption, %s',
                cur and cur.no or 'at the front')
    end
    local before = p.s:sub(1, p.pos)
    local size = ''
    for w in before:gmatch('\\(%a+)') do
        if w == 'small' or w == 'footnotesize' or w == 'scriptsize' then
            size = '\\' .. w
        end
    end
    local pic = p:upto('\\end{tikzpicture}')
    pic = pic:gsub(B .. '(%d+)' .. E, function (n)
        return '{\\ttfamily ' .. tex(rawquote[tonumber(n)]) .. '}'
    end)
    for l in pic:gmatch('legend to name=([%w]+)') do legends[l] = true end
    return picture(size .. ' \\begin{tikzpicture}' .. pic ..
            '\\end{tikzpicture}')
end

-- Lists that count give their numbers to labels.
local lists = {}
for _, e in ipairs {'enumerate', 'itemize', 'description'} do
    environment[e] = function ()
        lists[#lists + 1] = {n = e == 'enumerate' and 0, outer = cur}
        return '\\begin{' .. e .. '}'
    end
    environment['end' .. e] = function ()
        cur = table.remove(lists).outer
        return '\\end{' .. e .. '}'
    end
end
function command.item()
    local l = lists[#lists] or die('an \\item outside of lists, %s', cur.no)
    if l.n then
        l.n = l.n + 1
        cur = setmetatable({no = tostring(l.n), section = l.outer.no,
                page = l.outer.page}, {__index = l.outer})
    end
    return '\\item'
end

-- Other environments.
function command.begin(p)
    local e = p:arg()
    if environment[e] then return environment[e](p) end
    return '\\begin{' .. e .. '}'
end
command['end'] = function (p)
    local e = p:arg()
    if e == 'document' then return false end
    if environment['end' .. e] then return environment['end' .. e](p) end
    return '\\end{' .. e .. '}'
end
local function verbatim(s)
    return block('<pre>' .. esc((s:gsub('^%s*\n', ''):gsub('%s*$', '')))
            :gsub('\t', '        ') .. '</pre>')
end
function environment.verbatim(p)
    return verbatim(p:upto('\\end{verbatim}'))
end
local function input(f)
    for _, dir in ipairs {book, 'build/', 'docs/data/', ''} do
        local s = slurp(dir .. f)
        if s then return s end
    end
end
function command.verbatiminput(p)
    local f = p:arg()
    return verbatim(input(f) or die('no file %s', f))
end
function command.wholefile(p)
    local f = p:arg() .. '.txt'
    return verbatim(input(f) or die('no file %s', f))
end
function command.input(p) return scan(input(p:arg() .. '.tex')) end
function command.IfFileExists(p)
    local f, yes, no = p:arg(), p:arg(), p:arg()
    return scan(input(f) and yes or no)
end
local function columns(p)
    p:opt()
    local spec = p:arg():gsub('[@>!<]%b{}', '')
    return '{' .. spec .. '}'
end
function environment.tabular(p) return '\\begin{tabular}' .. columns(p) end
function environment.longtable(p) return '\\begin{longtable}' .. columns(p) end
for _, e in ipairs {'document', 'sloppypar', 'errata'} do
    environment[e] = function () return '' end
    environment['end' .. e] = environment[e]
end
-- pandoc forgets rules within a table: a mark in the row below remembers.
local RULE, pending = B .. 'r' .. E, ''
function command.midrule(p)
    local many = p.s:find('^%s*\\multicolumn', p.pos)
    pending = many and RULE or ''
    return '\\midrule ' .. (many and '' or RULE)
end
function command.multicolumn(p)
    local n, spec = p:arg(), p:arg():gsub('[@>!<]%b{}', '')
    local mark = pending
    pending = ''
    return '\\multicolumn{' .. n .. '}{' .. spec .. '}{' .. mark ..
            scan(p:arg()) .. '}'
end

-- Commands that the text defines.
function command.newcommand(p)
    local c, n = p:arg():match('%a+'), tonumber(p:opt() or 0)
    user[c] = {n = n, body = p:arg()}
    p:space()
    return ''
end
command.renewcommand = command.newcommand
local function data(f)
    local p = setmetatable({s = slurp(book .. f) or die('no %s', book .. f),
            pos = 1}, P)
    while true do
        local _, j, how, c = p.s:find('\\(%a+)\\(%a+)', p.pos)
        if not j then return end
        p.pos = j + 1
        if how == 'expandafter' then  -- \expandafter\def\csname
            p:upto('\\csname ')
            c = p:upto('\\endcsname')
            cs[c] = p:arg()
        else  -- \def, \newcommand
            user[c] = {n = tonumber(p:opt() or 0), body = p:arg()}
        end
    end
end
local function key(p)
    return (scan(p:upto('\\endcsname')):gsub('^%s+', ''):gsub('\\', ''))
end
function command.csname(p)
    local k = key(p)
    p:space()
    return scan(cs[k] or die('nothing is called %s', k))
end
function command.ifcsname(p)
    local k, yes, no = key(p), p:upto('\\else'), p:upto('\\fi')
    p:space()
    return scan(cs[k] and yes or no)
end
function command.errmessage(p) die('%s', p:arg()) end
local function definitions(preamble)  -- those without an @
    local p = setmetatable({s = preamble, pos = 1}, P)
    while true do
        local i, j, c = p.s:find('\\newcommand\\(%a+)%f[{[]', p.pos)
        if not i then break end
        p.pos = j + 1
        user[c] = {n = tonumber(p:opt() or 0), body = p:arg()}
    end
    for b in preamble:gmatch('\\AtBeginDocument(%b{})') do
        for f in b:gmatch('\\input{(.-)}') do data(f .. '.tex') end
    end
end
function command.detokenize(p) return tex(p:arg()) end

-- Names, and what has a place in an index.
local function told(index, term)  -- links to its places
    local l = {}
    for _, w in ipairs(places[index][term] or {}) do
        l[#l + 1] = string.format('<a href="%s.html#%s">%s</a>',
                w.page.name, w.id, w.no or w.page.short)
    end
    return table.concat(l, ', ')
end
local function place(index, term)
    local t = places[index]
    t[term] = t[term] or {}
    local id = index .. ':' .. #held
    local c = cur
    table.insert(t[term], {page = c.page, no = c.section or c.no, id = id})
    return '<a id="' .. id .. '"></a>'
end
local function clause(kind)
    return function (p)
        local c = p:arg()
        local anchor = place('clauses', c)
        return hold(function ()
            local x = labels[kind .. ':' .. c] or
                    die('\\%s{%s}: no such %s', kind, c, kind)
            return string.format('%s<a class="clause" href="%s.html#%s">' ..
                    '%s</a>', anchor, x.page.name, kind .. ':' .. c, c)
        end)
    end
end
command.clause, command.erratum = clause('clause'), clause('erratum')
function command.theme(p) return hold(place('themes', esc(p:arg()))) end
function command.panicmsg(p)
    return hold(place('panics', esc((p:arg():gsub('\\_', '_')))))
end
function command.cite(p)
    local t = {}
    for k in p:arg():gmatch('[^,%s]+') do
        local anchor = place('works', k)
        t[#t + 1] = hold(function ()
            return string.format('%s<a href="bibliography.html#%s">%d</a>',
                    anchor, k, bib[k] or die('\\cite{%s}: no such work', k))
        end)
    end
    return '{[}' .. table.concat(t, ', ') .. '{]}'
end
function environment.thebibliography(p)
    p:arg()
    local q = newpage('Bibliography', nil, 'chapter')
    q.name = 'bibliography'
    return q
end
local function cited()  -- behind the work before
    local k = bib.last
    return k and ' ' .. hold(function ()
        return '(Cited in ' .. told('works', k) .. '.)'
    end) or ''
end
function environment.endthebibliography() return cited() end
function command.bibitem(p)
    local t = cited()
    bib.last = p:arg()
    bib.n = (bib.n or 0) + 1
    bib[bib.last] = bib.n
    return t .. '\n\n' .. hold('<a id="' .. bib.last .. '"></a>[' .. bib.n ..
            ']') .. ' '
end

-- Rows about the graph of calls, errata and clauses.
local function call(first, second, third)
    return '\n\n\\texttt{' .. tex(first) .. '} \\emph{' .. second .. '} ' ..
            third .. '\n\n'
end
for cmd, words in pairs {cycle = {'cut at', '. '}, upcall = {'calls', ': '},
        indirect = {'call', ': '}} do
    command[cmd] = function (p)
        return call(p:arg(), words[1], '\\texttt{' .. tex(p:arg()) .. '}' ..
                words[2] .. scan(p:arg()))
    end
end
function command.climb(p)
    return call(p:arg(), scan(p:arg()) .. '.', scan(p:arg()))
end
local function rows(f)
    local p = setmetatable({s = slurp(book .. 'rows.tex'), pos = 1}, P)
    while true do
        local _, j, kind = p.s:find('\\(%a+)row', p.pos)
        if not j then return end
        p.pos = j + 1
        local nm, a = p:arg(), p:arg()
        f(kind, nm, a, kind == 'clause' and p:arg())
    end
end
local function entry(kind, nm, ...)
    labels[kind .. ':' .. nm] = {page = cur.page}
    local t = block('<div class="entry" id="' .. kind .. ':' .. nm ..
            '"><b>' .. nm .. '</b>')
    for _, s in ipairs {...} do t = t .. '\n\n' .. s .. '\n\n' end
    return t .. block(function ()
        local l = told('clauses', nm)
        return (l ~= '' and '<p class="tests">Told in ' .. l .. '.</p>' or
                '') .. '</div>'
    end)
end
local function testlist(s)
    return block('<div class="tests">') .. scan(s) .. block('</div>')
end
function command.errataloaded()
    rows(function (kind, nm, t)
        if kind == 'erratum' then tests[nm] = t end
    end)
    return ''
end
function command.erratumentry(p)
    local e = p:arg()
    return entry('erratum', e, scan(p:arg()), scan(p:arg()),
            testlist(tests[e] or ''))
end
function command.printclauses()
    local t = {}
    rows(function (kind, nm, sentence, ts)
        if kind == 'clause' then
            t[#t + 1] = entry('clause', nm, scan(sentence),
                    testlist(ts))
        end
    end)
    return table.concat(t)
end
function command.printindexes()
    local q = newpage('Indexes', nil, 'chapter')
    q.name = 'indexes'
    return q
end

-- ---------------------------------------------------------------------
-- The pages.

local function convert(s, what)
    local doc = pandoc.read(s, 'latex+raw_tex')
    local function raw(el)
        if el.format == 'latex' or el.format == 'tex' then
            die('%s: what is %s? Teach it to docs/html.lua', what,
                    el.text:sub(1, 60):gsub('\n', ' '):gsub(B .. '.*', ''))
        end
    end
    doc:walk {RawInline = raw, RawBlock = raw}
    local html = pandoc.write(doc, 'html5', {html_math_method = 'mathml'})
    local math = html:match('<span%s+class="math.->(.-)</span>')
    if math then die('%s: what is %s in mathematics?', what, math) end
    return (html:gsub('<annotation.-</annotation>', ''))
end

local function slug(s)
    return (s:lower():gsub('%b<>', ''):gsub('[^a-z0-9]+', ''))
end

local function body(q)
    local s = q.tex:gsub(B .. 'c(.-)' .. E, function (l)
        return hold(function () return render(chunkof[l]) end)
    end)
    s = convert(s, q.titletext)
    -- Headings are a level lower, and have the book's numbers.
    s = s:gsub('<h(%d)[^>]*>' .. B .. '(%d+)' .. E .. '(.-)</h%d>',
            function (lev, n, title)
        local h = held[tonumber(n)]
        if type(h) ~= 'table' then return end
        lev = lev + 1
        return string.format('<h%d id="%s">%s%s</h%d>', lev, h.id,
                h.no and '<a class="no" href="#' .. h.id .. '">' .. h.no ..
                '</a> ' or '', title, lev)
    end)
    s = s:gsub('<h4 id="[^"]*"', '<h4')
    s = s:gsub('<math display="block".-</math>', '<span class="wide">%0</span>')
    s = s:gsub('<table.-</table>', function (t)
        t = t:gsub('<tr class="%a+">(%s*<td[^>]*>)' .. RULE,
                '<tr class="rule">%1')
        if not t:find('<thead>') then  -- a head of several rows
            t = t:gsub('<tbody>(.-)(<tr class="rule">)', function (h, r)
                return '<thead>' .. h:gsub('(</?)td', '%1th') ..
                        '</thead><tbody>' .. r
            end, 1)
        end
        t = t:gsub('<colgroup>.-</colgroup>', '')
                :gsub('<table style="[^"]*">', '<table>')
        return '<div class="wide">' .. t .. '</div>'
    end)
    s = release(s)
    -- A picture's text alternative is its caption.
    return (s:gsub('<figure.-</figure>', function (f)
        local cap = plain(f:match('<figcaption>(.*)</figcaption>'))
        return (f:gsub('alt=""', (('alt="' .. cap:gsub('"', '&quot;') ..
                '"'):gsub('%%', '%%%%'))))
            end))
end

local template = slurp('docs/html.html')
local function write(file, title, main, prev, nxt, toc)
    local function nav(q, word, rel)
        return q and string.format('<a rel="%s" href="%s.html">%s</a>', rel,
                q.name, word) or ''
    end
    local v = {title = plain(title), main = main, toc = toc or '',
            prev = nav(prev, '&#8592;&#160;' .. (prev and prev.short or ''),
            'prev'),
            next = nav(nxt, (nxt and nxt.short or '') .. '&#160;&#8594;',
            'next')}
    spew(out .. file, (template:gsub('%$(%a+)%$', v)))
end

local function sections(q, levels)
    local t = {}
    for lev, id, title in q.html:gmatch('<h([23]) id="([^"]*)">(.-)</h%d>') do
        if tonumber(lev) <= levels then
            t[#t + 1] = string.format('<li class="h%s"><a href="%s.html#%s">' ..
                    '%s</a></li>', lev, q.name, id, plain(title))
        end
    end
    return #t > 0 and '<ul>' .. table.concat(t, '\n') .. '</ul>' or ''
end

local function before(a, b)  -- in an index
    local x, y = a:lower(), b:lower()
    if x == y then return a < b end
    return x < y
end
local function byname(a, b) return before(a.name, b.name) end

local function indexes()
    local t, n = {}, 0
    local function begin(title)
        n = n + 1
        t[#t + 1] = '<h2 id="h' .. n .. '">' .. title ..
                '</h2><ul class="index">'
    end
    begin('Chunks of code')
    table.sort(chunklist, byname)
    for _, e in ipairs(chunklist) do
        t[#t + 1] = '<li>&#10216;' .. link(e.label, name(e.name)) ..
                '&#10217; <b>' .. links(e.defs) .. '</b>' ..
                (#e.uses > 0 and '; ' .. links(e.uses) or '') .. '</li>'
    end
    t[#t + 1] = '</ul>'
    begin('Identifiers')
    table.sort(identlist, byname)
    local seen = {}
    for _, e in ipairs(identlist) do
        local d = {}
        for _, l in ipairs(e.defs) do d[l] = true end
        local u = {}
        for _, l in ipairs(e.uses) do
            if not d[l] then u[#u + 1] = l end
        end
        t[#t + 1] = string.format('<li%s><code>%s</code> <b>%s</b>%s</li>',
                seen[e.name] and '' or ' id="i:' .. esc(e.name) .. '"',
                esc(e.name), links(e.defs), #u > 0 and '; ' .. links(u) or '')
        seen[e.name] = true
    end
    t[#t + 1] = '</ul>'
    for _, x in ipairs {{'themes', 'Themes'},
            {'clauses', 'Clauses and defects'},
            {'panics', 'Panic and error messages'}} do
        begin(x[2])
        local terms = {}
        for term in pairs(places[x[1]]) do terms[#terms + 1] = term end
        table.sort(terms, before)
        for _, term in ipairs(terms) do
            t[#t + 1] = '<li>' .. (x[1] == 'panics' and '<code>' .. term ..
                    '</code>' or term) .. '&#8195;' .. told(x[1], term) ..
                    '</li>'
        end
        t[#t + 1] = '</ul>'
    end
    return table.concat(t, '\n')
end

local function quote(s)
    return '"' .. s:gsub('[\\"]', '\\%0'):gsub('\n', '\\n')
            :gsub('</', '<\\/') .. '"'
end

-- What can be searched: each piece between two headings, and each section
-- of a manual page.
local searchable = {}
local function entries(url, title, html, heading)
    local id, head = nil, ''
    local function add(piece)
        local t = decode(plain(piece:gsub('</[pd][^>]*>', '%0 ')
                :gsub('<td', ' %0')))
        searchable[#searchable + 1] = string.format('[%s,%s,%s]',
                quote(url .. (id and '#' .. id or '')), quote(decode(title)) ..
                (head ~= '' and '+" \u{203A} "+' .. quote(decode(head)) or ''),
                quote(t))
    end
    local pos = 1
    while true do
        local i, j, nid, h = html:find(heading, pos)
        add(html:sub(pos, (i or 0) - 1))
        if not i then return end
        id, head, pos = nid, plain(h), j + 1
    end
end

local function readtext()
    local preamble, rest = text:match('^(.-)(\\begin{document}.*)$')
    definitions(preamble)
    local last = scan(rest:sub(rest:find('\\chapter', 1, true), -1))
    page.tex = last  -- page is set by then
    return preamble
end

local function main(stream)
    readaux()
    readstream(stream)
    readtext()

    -- A part without words of its own is a heading in the contents only.
    local shown, names = {}, {}
    for _, q in ipairs(pages) do
        q.title = release(convert(q.title, 'a title')
                :gsub('^<p>', ''):gsub('</p>%s*$', ''))
        q.titletext = plain(q.title)
        q.name = q.name or (q.kind == 'part' and 'part' .. q.no:lower()) or
                slug(q.titletext)
        q.short = (q.no and (q.kind == 'part' and 'Part ' or '') .. q.no ..
                '&#160; ' or '') .. q.titletext
        for l in q.tex:gmatch(B .. 'c(.-)' .. E) do
            chunkof[l].page = q
        end
        if q.kind ~= 'part' or q.tex:find('%S') then
            if names[q.name] then die('two pages %s', q.name) end
            names[q.name] = true
            shown[#shown + 1] = q
        end
    end

    for i, q in ipairs(shown) do
        q.html = body(q)
        if q.name == 'indexes' then q.html = indexes() end
        local kicker = q.kind == 'part' and 'Part ' .. q.no or q.no and
                (q.no:match('%d') and 'Chapter ' or 'Appendix ') .. q.no
        local toc = sections(q, 3)
        write(q.name .. '.html', q.short, '<h1 id="top">' .. (kicker and
                '<span class="no">' .. kicker .. '</span> ' or '') .. q.title ..
                '</h1>\n' .. q.html, shown[i - 1], shown[i + 1],
                toc ~= '' and '<details class="toc"><summary>' ..
                'In this chapter</summary>' .. toc .. '</details>')
        if q.name ~= 'indexes' then
            entries(q.name .. '.html', q.short, q.html,
                    '<h[23] id="([^"]*)">(.-)</h%d>')
        end
    end
    for l in pairs(number) do
        if not labels[l] and not legends[l] then
            die('\\label{%s} is in no page', l)
        end
    end

    -- The first page.
    local t = {slurp('docs/html-index.html')}
    for _, q in ipairs(pages) do
        if q.kind == 'part' then
            local n = 'Part ' .. q.no .. '. ' .. q.title
            t[#t + 1] = '<h3>' .. (names[q.name] and '<a href="' ..
                    q.name .. '.html">' .. n .. '</a>' or n) .. '</h3>'
        else
            if q.no == 'A' then t[#t + 1] = '<h3>Appendices</h3>' end
            local a = '<a href="' .. q.name .. '.html">' .. q.short .. '</a>'
            local within = sections(q, 2)
            t[#t + 1] = within == '' and '<p>' .. a .. '</p>' or
                    '<details><summary>' .. a .. '</summary>' .. within ..
                    '</details>'
        end
    end
    for _, x in ipairs {{'figure', 'Figures'}, {'table', 'Tables'}} do
        t[#t + 1] = '<h2 id="' .. x[1] .. 's">' .. x[2] ..
                '</h2><ul class="floats">'
        for _, f in ipairs(floats) do
            if f.float == x[1] then
                local c = plain(release(convert(f.caption, 'a caption')))
                t[#t + 1] = string.format('<li><a href="%s.html#%s">%s' ..
                        '</a> %s</li>', f.page.name, f.id, f.no,
                        c:match('^(.-)%.[ .]') or c:gsub('%.$', ''))
            end
        end
        t[#t + 1] = '</ul>'
    end
    write('index.html', 'malloc(9)', table.concat(t, '\n'), nil, shown[1])
    write('search.html', 'Search', '<h1>Search</h1>\n<p id="found">A word, ' ..
            'or several, goes into the field above.</p>\n' ..
            '<ol id="hits"></ol>\n' ..
            '<script src="search-data.js"></script>\n')

    -- What the script needs: the text to search, the chunks to unfold.
    for _, m in ipairs {'malloc', 'kmem'} do
        local h = slurp('build/man/' .. m .. '.html')
        if h then
            entries('man/' .. m .. '.html', m .. '(9), the manual page',
                    h:match('<body>(.*)</body>') or h,
                    '<h1 class="Sh" id="([^"]*)">(.-)</h1>')
        end
    end
    spew(out .. 'search-data.js', 'var pieces = [\n' ..
            table.concat(searchable, ',\n') .. '\n];\n')
    t = {}
    for _, e in ipairs(chunklist) do
        local h = ''
        for _, l in ipairs(e.defs) do
            h = h .. '<span class="from">' .. link(l, chunkno[l]) ..
                    '</span>' .. lines(chunkof[l])
        end
        t[#t + 1] = quote(e.label) .. ':' .. quote(h)
    end
    spew(out .. 'chunks.js', 'var chunks = {\n' .. table.concat(t, ',\n') ..
            '\n};\n')
end

-- The figures are LaTeX's: each becomes a page of its own size.
local function draw(stream)
    readaux()
    readstream(stream)
    local preamble = readtext()
    spew(figdir .. 'figures.tex', preamble .. [[
\newcommand\drawing[1]{\setbox0\hbox{\kern2pt#1\kern2pt}%
  \pdfpagewidth\wd0 \pdfpageheight\dimexpr\ht0+\dp0+4pt\relax
  \pdfhorigin0pt \pdfvorigin2pt \hoffset0pt \voffset0pt \shipout\box0 }
\begin{document}
]] .. table.concat(figures, '\n') .. '\n\\end{document}\n')
end

function Reader(input)
    local stream = tostring(input)
    if os.getenv('HTML_STEP') == 'figures' then
        draw(stream)
    else
        main(stream)
    end
    return pandoc.Pandoc {}
end
