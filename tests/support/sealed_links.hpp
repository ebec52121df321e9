#pragma once
#include "store/flows.hpp"
#include "store/grants.hpp"
#include "store/links.hpp"
#include "store/vault.hpp"
#include "tests/support/scratch_store.hpp"

#include <string>

namespace linkspan::test
{

// Fills a database with links that have something in every sealed column, and opens all of it again.
class sealed_links
{
public:
    explicit sealed_links(scratch_store& in) : in_(in) {}

    // Makes links 1..count, each with two fields, a token with a refresh token, and a sign-in on its way.
    void make(vault const& keys, int count);

    // Opens everything with these keys; empty where all is as it was made, else what was not.
    std::string open_all(vault const& keys);

    static link_id id_of(int number);

private:
    scratch_store& in_;
    int count_ = 0;
};

}  // namespace linkspan::test
