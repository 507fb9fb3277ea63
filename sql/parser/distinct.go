package parser

// distinctOn reads DISTINCT ON (…), which the grammar does not know: to it the query is one without.
func (r *rewriter) distinctOn(s *selectInfo) error {
	c := r.cursor(r.to)
	end := c.closing(r.i + 2)
	in := c.within(end)
	in.i = r.i + 3
	list, err := in.exprList(nil)
	if err != nil {
		return err
	}
	if err := in.end(); err != nil {
		return err
	}
	s.distinctOn = list
	r.cutOut(nil, end+1, nothing)
	return nil
}

// behindRows tells the end of FETCH FIRST n ROWS; behindCount that of what stands for it.
func behindRows(r *rewriter) bool  { return r.top().query >= 0 && r.prev().isAny("ROW", "ROWS") }
func behindCount(r *rewriter) bool { return r.top().query >= 0 && isCount(r.prev()) }

// readTies reads WITH TIES.
func readTies(r *rewriter, c *cursor) (any, error) {
	c.i += 2
	r.selects[r.top().query].ties = true
	return nil, nil
}
