#pragma once
#include "links/link.hpp"
#include "store/links.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace linkspan
{

// The template that a person names. errc::not_found names the nearest; errc::invalid for what Bitbucket has
// ended.
result<link_template const*> named_template(std::string const& name);

// The template of a link. errc::invalid where this version does not have it.
result<link_template const*> template_of(link_row const& link);

// What to say to somebody who names a template or a field "app password"; nothing for other names.
std::optional<error> ended_by_bitbucket(std::string_view name);

// Judges fields that are whole; errc::invalid as the template's check. What is missing is no fault yet.
result<> judge_fields(link_template const& kind, link_fields const& fields);

// Whether a link may be called so: its name stands in URLs and in config.toml as it is. errc::invalid.
result<> check_link_name(std::string_view name);

// Whether anything is set by which the link tells deliveries of Bitbucket from others, or it needs nothing.
bool has_proof(link_row const& link);

// Whether a person has to sign in: linkspan start-oauth.
bool needs_sign_in(link_template const& kind);

// Whether its tokens come without a refresh token: the fields alone get them.
bool renews_itself(link_template const& kind);

}  // namespace linkspan
