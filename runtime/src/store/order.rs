//! One order for what shares rows.
//!
//! Which customers share a row depends on what was done at once, and that on when a process
//! was killed. What is done next must not.

/// Puts what is due into one order: what is due first comes first, and of what is due at one
/// moment that of smaller customers.
pub(crate) struct InOrder<T, K> {
    limit: usize,
    /// The customer of one, and what tells it from the others of hers.
    key: fn(&T) -> (i64, K),
    moment: i64,
    found: Vec<T>,
    /// What is of the moment, and not yet in its order.
    pub(crate) waiting: Vec<T>,
}

impl<T, K: Ord> InOrder<T, K> {
    /// Looks for so many.
    pub(crate) fn new(limit: usize, key: fn(&T) -> (i64, K)) -> Self {
        Self { limit, key, moment: i64::MIN, found: Vec::new(), waiting: Vec::new() }
    }

    /// A shared row comes, of customers who are due at a moment and none of whom is smaller
    /// than `first`; rows come in the order of both. Tells whether enough comes before it:
    /// if not, its customers are to be put into `waiting`.
    pub(crate) fn is_full_before(&mut self, moment: i64, first: i64) -> bool {
        let key = self.key;
        let before = match moment == self.moment {
            true => self.waiting.iter().filter(|one| key(one).0 < first).count(),
            false => self.waiting.len(),
        };
        if self.found.len() + before >= self.limit {
            return true;
        }
        if before == self.waiting.len() {
            self.settle();
        }
        self.moment = moment;
        false
    }

    fn settle(&mut self) {
        self.waiting.sort_by_key(self.key);
        self.found.append(&mut self.waiting);
    }

    /// Returns the first, as many as were looked for.
    pub(crate) fn all(mut self) -> Vec<T> {
        self.settle();
        self.found.truncate(self.limit);
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of `(moment, first, customers)` give these customers, in this order.
    fn order(limit: usize, rows: &[(i64, i64, &[i64])]) -> Vec<i64> {
        let mut due = InOrder::new(limit, |one: &i64| (*one, ()));
        for (moment, first, customers) in rows {
            if due.is_full_before(*moment, *first) {
                break;
            }
            due.waiting.extend_from_slice(customers);
        }
        due.all()
    }

    #[test]
    fn what_shares_rows_is_taken_as_if_it_did_not() {
        let apart: [(i64, i64, &[i64]); 3] = [(1, 1, &[1]), (1, 2, &[2]), (1, 3, &[3])];
        assert_eq!(order(2, &apart), [1, 2]);
        assert_eq!(order(2, &[(1, 1, &[1, 3]), (1, 2, &[2])]), [1, 2]);
        assert_eq!(order(9, &[(1, 1, &[1, 3]), (1, 2, &[2])]), [1, 2, 3]);
        assert_eq!(order(1, &[(1, 1, &[3]), (1, 2, &[2])]), [2], "the smallest has left");
        assert_eq!(order(3, &[(1, 5, &[5, 7]), (2, 1, &[1])]), [5, 7, 1]);
        assert_eq!(order(2, &[(1, 5, &[5, 7]), (2, 1, &[1])]), [5, 7]);
    }
}
