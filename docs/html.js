// Chunks unfold where they are used; the search page finds.
(function () {
	'use strict';
	function fill(use) {
		var code = document.createElement('div');
		code.className = 'code';
		code.innerHTML = window.chunks[use.dataset.c];
		use.append(code);
	}
	document.addEventListener('toggle', function (event) {
		var use = event.target;
		if (!use.dataset.c || !use.open || use.children.length > 1)
			return;
		if (window.chunks)
			return fill(use);
		var script = document.createElement('script');
		script.src = 'chunks.js';
		script.onload = function () { fill(use); };
		document.head.append(script);
	}, true);

	var toc = document.querySelector('.toc');
	if (toc && window.matchMedia('(min-width: 68em)').matches)
		toc.open = true;

	var hits = document.getElementById('hits');
	var query = new URLSearchParams(location.search).get('q');
	if (!hits || !query)
		return;
	document.querySelector('input').value = query;
	var words = query.toLowerCase().split(/\s+/).filter(Boolean);
	var found = [];
	window.pieces.forEach(function (piece) {
		var title = piece[1].toLowerCase();
		var text = piece[2].toLowerCase();
		var score = 0;
		var all = words.every(function (word) {
			var n = Math.min(text.split(word).length - 1, 9);
			if (title.includes(word))
				n += 20;
			score += n;
			return n > 0;
		});
		if (all)
			found.push({ piece: piece, score: score,
			    at: Math.max(text.indexOf(words[0]), 0) });
	});
	found.sort(function (a, b) { return b.score - a.score; });
	document.getElementById('found').textContent =
	    found.length + (found.length === 1 ? ' place' : ' places');
	found.slice(0, 100).forEach(function (hit) {
		var item = document.createElement('li');
		var a = document.createElement('a');
		var p = document.createElement('p');
		a.href = hit.piece[0];
		a.textContent = hit.piece[1];
		var from = hit.at < 80 ? 0 :
		    hit.piece[2].lastIndexOf(' ', hit.at - 80) + 1;
		var text = hit.piece[2].slice(from, from + 260);
		text.split(new RegExp('(' + words.map(function (word) {
			return word.replace(/[^\w]/g, '\\$&');
		}).join('|') + ')', 'i')).forEach(function (part, i) {
			var what = i % 2 ? document.createElement('mark') :
			    document.createElement('span');
			what.textContent = part;
			p.append(what);
		});
		item.append(a, p);
		hits.append(item);
	});
})();
