#pragma once
#include "store/portable.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

// The file of an export: one line, locked with a passphrase (store/passphrase.hpp); inside, a JSON document:
//
//   {"format": "linkspan-links", "version": 1, "exported_at": ..., "links": [...]}
inline constexpr std::string_view bundle_head = "linkspan-links-scrypt-1";

// Longer files are refused: 10,000 links with tokens of 1 kB take a tenth of it.
inline constexpr std::size_t bundle_bytes_max = 256 * 1024 * 1024;

// Where its passphrase is given.
inline constexpr char const* passphrase_flag = "--export-passphrase-file";

secret to_json_text(std::vector<portable_link> const& links, time_point now);

// errc::invalid for a document that is none, of a later version, or with a link that is not whole.
result<std::vector<portable_link>> from_json_text(secret const& text);

}  // namespace linkspan
