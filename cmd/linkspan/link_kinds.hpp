#pragma once
#include "links/link.hpp"
#include "store/links.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

// The template that a person names. errc::not_found names the nearest; errc::invalid for what Bitbucket has
// ended.
result<link_template const*> named_template(std::string const& name);

// The template of a link. errc::invalid where this version does not have it.
result<link_template const*> template_of(link_row const& link);

// What to say to somebody who names a template or a field "app password"; nothing for other names.
std::optional<error> ended_by_bitbucket(std::string_view name);

// Judges the fields that are there; errc::invalid as the template's check. What is missing is no fault yet.
result<> judge_fields(link_template const& kind, link_fields const& fields);

// The required fields of which the link has none, as missing_fields() of its row.
std::vector<std::string> missing_fields(link_template const& kind, link_fields const& fields);

// "link api has no email and no api_token yet; linkspan set-creds api asks for them, or takes --kv email=...
// --kv api_token=@file".
std::string text_of_missing(
    link_template const& kind, link_row const& link, std::vector<std::string> const& missing
);

// Whether a link may be called so: its name stands in URLs and in config.toml as it is. errc::invalid.
result<> check_link_name(std::string_view name);

// Whether anything is set by which the link tells deliveries of Bitbucket from others, or it needs nothing.
bool has_proof(link_row const& link);

// Whether a person has to sign in: linkspan start-oauth.
bool needs_sign_in(link_template const& kind);

// Whether its tokens come without a refresh token: the fields alone get them.
bool renews_itself(link_template const& kind);

}  // namespace linkspan
