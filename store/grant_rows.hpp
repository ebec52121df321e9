#pragma once
#include "store/grants.hpp"
#include "store/statement.hpp"

namespace linkspan::grants
{

// The rows behind store/grants.hpp, for the files that implement it.

// What the store alone needs of a grant.
struct grant_row
{
    bool is_there = false;
    grant_state state = grant_state::none;
    std::int64_t generation = 0;
    std::int64_t last_generation = 0;
    std::int64_t consent = 0;
    int failures = 0;
    std::string lease;
};
grant_row read_row(transaction& tx, link_id const& id);

// Where a token of a generation is sealed to: access_token_field or refresh_token_field.
seal_place place_of(link_id const& id, std::string_view field, std::int64_t generation);

result<> insert_token(
    transaction& tx,
    vault const& keys,
    link_id const& id,
    std::int64_t generation,
    std::int64_t consent,
    token_set const& tokens
);

// Whether a refresh token is left that nobody has refused.
bool has_candidate(transaction& tx, link_id const& id);

// A row without tokens, where there is none yet.
void make_row(transaction& tx, link_id const& id);

// The token of this generation is the one in use, and all that failed before is forgotten.
void put_in_use(transaction& tx, link_id const& id, std::int64_t generation, std::int64_t consent);

// generation: of the token that may be used to its end; 0: none.
void set_needs_reauth(transaction& tx, link_id const& id, std::int64_t generation, std::string_view why);

}  // namespace linkspan::grants
