#pragma once
#include "core/base/error.hpp"

#include <string>
#include <string_view>

namespace linkspan
{

// Judges of texts in the configuration. Each may rewrite the text into its one form. The message
// (errc::invalid) has no subject: "must be an http:// or https:// URL ...". None repeats the text where it
// could hold a credential.

inline constexpr std::size_t config_text_bytes_max = 512;

error invalid(std::string message);  // errc::invalid

result<> judge_name(std::string& text);           // of a source, destination or rule
result<> judge_link(std::string& text);           // a link's id or name
result<> judge_optional_link(std::string& text);  // the same, or empty: none
result<> judge_workspace(std::string& text);      // empty, or one name of a URL
result<> judge_project_key(std::string& text);    // "CORE", or "~ada" for a person's own
result<> judge_repository(std::string& text);     // owner/slug
result<> judge_listen(std::string& text);         // parse_listen_address()
result<> judge_public_url(std::string& text);     // empty, or scheme and authority
result<> judge_instance_url(std::string& text);   // scheme, authority and perhaps a path, no slash at the end
result<> judge_proxy(std::string& text);          // empty, or a URL of a kind that libcurl speaks
result<> judge_ca_bundle(std::string& text);      // empty, or the path of a PEM file that can be read
result<> judge_edition(std::string& text);
result<> judge_log_level(std::string& text);
result<> judge_log_format(std::string& text);
result<> judge_channel(std::string& text);
result<> judge_repository_glob(std::string& text);
result<> judge_branch_glob(std::string& text);
result<> judge_path_glob(std::string& text);
result<> judge_kind_glob(std::string& text);
result<> judge_project_glob(std::string& text);
result<> judge_title_glob(std::string& text);
result<> judge_choice(std::string& text);
result<> judge_person(std::string& text);     // a pattern of account ids, or "@team"
result<> judge_team_name(std::string& text);  // without "@"
result<> judge_member(std::string& text);     // one account id

// Of any text: valid length, no control characters.
result<> judge_text(std::string_view text);

}  // namespace linkspan
