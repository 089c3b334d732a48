"""Spellings of one and the same place name: which characters count as equal when names are compared.

Only variants of a character (旧字体・異体字, kana and small kana) are folded. Different characters that merely look
or sound alike (畑/畠, 簗/梁) are not: they make other places.
"""

from __future__ import annotations

# One group per word: the first character stands for the rest.
_GROUPS = """
亜亞 悪惡 圧壓 囲圍 医醫 壱壹 隠隱 栄榮 営營 衛衞 駅驛 円圓 塩鹽 縁緣 艶艷 応應 欧歐 殴毆 桜櫻 奥奧 横橫 温溫 穏穩
仮假 価價 画畫 会會 絵繪 壊壞 懐懷 拡擴 殻殼 覚覺 学學 岳嶽 楽樂 渇渴 巻卷 勧勸 寛寬 関關 観觀 館舘 岩巌巖 顔顏
帰歸 器噐 亀龜 旧舊 拠據 挙擧 峡峽 挟挾 狭狹 郷鄕 暁曉 区區 駆驅 勲勳 恵惠 渓溪 経經 蛍螢 軽輕 継繼 鶏鷄 芸藝
撃擊 県縣 剣劍劔釼 険險 検檢 献獻 権權 顕顯 験驗 厳嚴 広廣 効效 恒恆 黄黃 鉱鑛 号號 国國 黒黑 砕碎 済濟 斎齋 剤劑
斉齊 崎﨑嵜 冴冱 桟棧 蚕蠶 惨慘 賛贊 残殘 糸絲 歯齒 児兒 辞辭 湿濕 実實 写寫 釈釋 寿壽 収收 従從 渋澁澀 獣獸 縦縱
粛肅 処處 緒緖 叙敍 将將 渉涉 焼燒 証證 奨奬 条條 状狀 乗乘 浄淨 剰剩 畳疊 縄繩 壌壤 嬢孃 譲讓 醸釀 触觸 嘱囑
真眞 慎愼 尽盡 図圖 粋粹 酔醉 穂穗 随隨 髄髓 枢樞 数數 瀬瀨 声聲 青靑 静靜 清淸 窃竊 摂攝 専專 浅淺 戦戰 践踐
銭錢 潜潛 繊纖 禅禪 双雙 壮壯 荘莊 捜搜 挿插 巣巢 曽曾 争爭 窓窗窻 総總 聡聰 装裝 騒騷 増增 蔵藏 臓臟 属屬 続續
堕墮 対對 体體 帯帶 滞滯 台臺 滝瀧 択擇 沢澤 担擔 単單 団團 弾彈 断斷 遅遲 痴癡 虫蟲 昼晝 鋳鑄 庁廳 徴徵 聴聽 鎮鎭
逓遞 鉄鐵 転轉 点點 伝傳 党黨 盗盜 灯燈 当當 闘鬪 徳德 独獨 読讀 届屆 弐貳 悩惱 脳腦 覇霸 拝拜 廃廢
売賣 麦麥 発發 髪髮 抜拔 浜濱濵 蛮蠻 秘祕 姫姬 仏佛 払拂 辺邊邉 変變 弁辨瓣辯 宝寶 豊豐 翻飜 万萬 満滿 黙默 薬藥
訳譯 予豫 余餘 与與 誉譽 揺搖 様樣 謡謠 遥遙 来來 頼賴 乱亂 覧覽 竜龍 両兩 猟獵 緑綠 隣鄰 塁壘 涙淚 礼禮 励勵 霊靈
齢齡 暦曆 歴歷 恋戀 錬鍊 炉爐 労勞 楼樓 郎郞 録錄 湾灣 髙高 戸戶户 呂吕 吉𠮷 土圡 富冨 島嶋嶌 峰峯 淵渕渊 藪薮 繋繫
桧檜 籠篭 蕊蘂 槙槇 桝枡 杉杦 松枩 昇曻 柳栁 釜釡 厨廚 仙僊 橋槗 船舩 野埜 栃杤 蛇虵 虎乕 杯盃 鴎鷗 麸麩 騨驒 犾犹 祢禰 祇祗
竃竈 鉤鈎 壺壷 桑桒 頬頰 餅餠 涌湧 鰺鯵 鑪鈩 穣穰 稲稻 蘆芦 蝋蠟 讃讚
弥彌 梼檮 諫諌 鴬鶯 蛎蠣 砺礪 頴穎 莱萊 祷禱 呑吞 箪簞 蝉蟬 填塡 醤醬 尭堯 晋晉 秋穐 雁鴈 園薗 竪豎
"""

# Small kana are written large in old spellings; the reverse in typing. ヶ is read が or ケ between kanji.
_KANA = "ァア ィイ ゥウ ェエ ォオ ッツ ャヤ ュユ ョヨ ヮワ ヵケ ヶケ ヱエ ヰイ ヲオ ヂジ ヅズ"


def _table() -> dict[int, str]:
    table = {ord(char): chr(ord(char) + 0x60) for char in map(chr, range(0x3041, 0x3097))}
    for pair in _KANA.split():
        small, large = pair[0], pair[1]
        table[ord(small)] = large
        table[ord(small) - 0x60] = large
    for group in _GROUPS.split():
        for char in group[1:]:
            table[ord(char)] = group[0]
    return table


FOLD = _table()
"""For str.translate: hiragana → katakana, small kana → large, character variants → one of them."""
