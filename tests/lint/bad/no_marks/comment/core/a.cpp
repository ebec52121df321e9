// TODO: finish. expect: a mark of unfinished work: TODO
